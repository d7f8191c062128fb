// Small files read whole, with a limit. Leaves to others: what is in them. Blocking; any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <string>

namespace plotbridge::config {

/// What a file is for. A secret's must be fit to hold one (base/secret_rights.h), and so must the
/// directories above it.
enum class FileKind { kOrdinary, kSecret };

/// The bytes of a regular file. Errors say why it cannot be read, or why it must not hold a secret
/// and what to do.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes, FileKind kind);

/// Why a configuration that has secrets in it should not have these rights, and what to do; empty:
/// they are good, or not known.
std::string flaw_in_rights_of(const std::string& path);

/// `path`, which starts at `folder` unless it is absolute, as an absolute path.
std::string resolve(const std::string& folder, const std::string& path);

}  // namespace plotbridge::config
