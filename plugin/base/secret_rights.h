// Whether the rights of a file let it hold a secret: nobody but its owner may change it, not
// everybody may read it, and it belongs to root or to this process. Its group may read it, as
// packages do (root:plotbridge 0640). Not responsible for: looking at files. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge {

/// Of a file or directory, as stat(2) tells them.
struct FileRights {
  std::uint32_t mode = 0;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
};

/// Why a file must not hold a secret of the user `self`, and what to do; empty: it may.
std::string flaw_in_secret_file(const std::string& path, FileRights rights, std::uint32_t self);

/// The same of a directory above the file `path`: whoever may write there can put another in its
/// place, unless the directory is sticky.
std::string flaw_in_secret_directory(const std::string& path, const std::string& directory,
                                     FileRights rights);

/// The first flaw of all directories above `path`, which is absolute and without links. `look`
/// gives the rights of one, or nothing.
template <class Look>
std::string flaw_in_directories_above(const std::string& path, Look look) {
  for (std::size_t end = path.rfind('/'); end != std::string::npos;
       end = path.rfind('/', end - 1)) {
    const std::string directory = end == 0 ? "/" : path.substr(0, end);
    if (const std::optional<FileRights> rights = look(directory)) {
      auto flaw = flaw_in_secret_directory(path, directory, *rights);
      if (!flaw.empty()) return flaw;
    }
    if (end == 0) break;
  }
  return {};
}

/// 0644
std::string mode_text(std::uint32_t mode);

}  // namespace plotbridge
