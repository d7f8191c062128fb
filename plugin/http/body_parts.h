// The body of an answer that is made part by part, as it is read. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace plotbridge::http {

class BodyParts {
 public:
  enum class State : std::uint8_t {
    kMore,
    kWhole,
    kLost,  // there is no rest that would fit to what was read
  };

  virtual ~BodyParts() = default;
  /// Appends the next part.
  virtual State read(std::string& out) = 0;
  /// What it holds in memory between two parts.
  virtual std::size_t held_bytes() const = 0;
};

}  // namespace plotbridge::http
