// Files and directories that hold what was published, and are therefore their owner's alone,
// whatever the umask is. A link in their place is not followed. Not responsible for: what is in
// them. Blocking; any thread.
#pragma once

#include <string>
#include <system_error>

namespace plotbridge::disk {

/// open(2) with `flags`, close-on-exec; what it makes or opens for writing has mode 0600.
int open_private(const std::string& path, int flags);

/// Makes what is missing of `path`, each directory with mode 0700. What is there stays as it is.
std::error_code make_private_directories(const std::string& path);

/// Whether everybody may put files there, or take away those of others.
bool is_open_to_all(const std::string& directory);

}  // namespace plotbridge::disk
