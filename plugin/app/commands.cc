#include "plugin/app/commands.h"

#include "plugin/app/daemon.h"
#include "plugin/app/exit_code.h"
#include "plugin/base/log.h"
#include "plugin/config/address.h"
#include "plugin/config/yaml_loader.h"

#include <iostream>

namespace plotbridge::app {
namespace {

// Loads and prints every mistake; nothing when there is one.
std::optional<config::Config> load(const std::string& path) {
  config::Loaded loaded = config::load_file(path);
  for (const config::Mistake& mistake : loaded.mistakes) std::cerr << mistake.to_string() << '\n';
  if (!loaded.mistakes.empty()) return std::nullopt;
  log::configure(loaded.config.log.level, loaded.config.log.format);
  return std::move(loaded.config);
}

}  // namespace

int command_run(const std::string& config_path) {
  const auto config = load(config_path);
  if (!config) return kExitBadConfig;
  if (!config->broker) {
    std::cerr
        << config_path
        << ":1:1: broker: missing; `run` needs a broker to take messages from (`serve` does not)\n";
    return kExitBadConfig;
  }
  return run_bridge(*config);
}

int command_check(const std::string& config_path) {
  const auto config = load(config_path);
  if (!config) return kExitBadConfig;
  std::cout << config_path << ": good (" << config->streams.size() << " streams, "
            << config->routes.size() << " routes, " << config->plots.size() << " plots)\n";
  return kExitGood;
}

int command_serve(const std::optional<std::string>& config_path, const std::string& listen) {
  config::Config config;
  if (config_path) {
    auto loaded = load(*config_path);
    if (!loaded) return kExitBadConfig;
    config = *std::move(loaded);
  }
  if (!config.server) config.server.emplace();
  if (!listen.empty()) {
    const auto address = config::parse_listen(listen);
    if (!address) {
      std::cerr << "plotbridge serve: --listen: " << address.error().message << '\n';
      return kExitUsage;
    }
    config.server->listen = *address;
    if (!config_path) config.server->open = config::is_loopback(address->host);
  }
  return run_endpoint(config);
}

}  // namespace plotbridge::app
