// A secret text: a stream token, a password. It has no printer, so that it cannot reach a log, a
// metric or an error by accident. Leaves to others: where it is read from (config/secret). Any
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  /// The text itself: only for the wire.
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

  /// Takes the same time wherever the first difference is (the length may show).
  bool equals(std::string_view other) const {
    if (other.size() != value_.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < value_.size(); ++i) {
      difference |= static_cast<unsigned char>(value_[i]) ^ static_cast<unsigned char>(other[i]);
    }
    return difference == 0;
  }

 private:
  std::string value_;
};

}  // namespace plotbridge
