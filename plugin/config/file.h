// Small files read whole, with a limit. Leaves to others: what is in them. Blocking; any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <string>

namespace plotbridge::config {

/// Who else may read the file.
enum class Readers { kAnyone, kNotOthers };

/// The bytes of a regular file. Errors say why it cannot be read; with kNotOthers also that
/// everybody may read it, and what to do.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes, Readers readers);

/// `path`, which starts at `folder` unless it is absolute, as an absolute path.
std::string resolve(const std::string& folder, const std::string& path);

}  // namespace plotbridge::config
