// Failures as values: a result or an Error with a kind from a short list and a sentence for a
// person. Exceptions of libraries are turned into these where the library is called. Any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace plotbridge {

/// What sort of failure, as far as a caller decides by it.
enum class ErrorKind {
  kInvalid,      // the input says something that cannot be
  kUnavailable,  // cannot reach, bind or open; may work later
  kDiskFails,    // full, read-only or failing; may work later
  kBusy,         // somebody else has it; may be free later
  kRefused,      // the other side said no
  kNotFound,
  kInternal,
};

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  /// What, where and what to do; never a secret.
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return tl::make_unexpected(Error{kind, std::move(message)});
}

}  // namespace plotbridge
