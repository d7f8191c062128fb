// The commands behind the command line, one function each; every one answers the exit code. Main
// thread.
#pragma once

#include <optional>
#include <string>

namespace plotbridge::app {

int command_run(const std::string& config_path);
int command_check(const std::string& config_path);
/// Without a configuration: the built-in endpoint with its defaults, open to any token on loopback.
int command_serve(const std::optional<std::string>& config_path, const std::string& listen,
                  const std::string& state);

/// Makes the configuration's plots, or finds those of the built-in endpoint; prints
/// NAME<TAB>ADDRESS.
int command_plots(const std::string& config_path);

/// Asks the daemon at `admin` (a URL), or at the configuration's admin.listen, or at its default.
int command_status(const std::optional<std::string>& config_path, const std::string& admin);

}  // namespace plotbridge::app
