// Decides whether a repeated event may be logged again: one line per key and interval, and the
// number suppressed in between. Leaves to others: the clock and the writing. One thread at a time.
#pragma once

#include "plugin/base/line_gate.h"
#include "plugin/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plotbridge {

class RateLimit {
 public:
  /// At most `max_keys` keys are remembered; when they are all in use the memory is emptied, which
  /// can only cost an extra line.
  explicit RateLimit(Duration interval, std::size_t max_keys = 1000)
      : interval_(interval), max_keys_(max_keys) {}

  /// The number of events suppressed since the last admitted one of this key, or nothing when this
  /// one is suppressed, too.
  std::optional<std::uint64_t> admit(std::string_view key, TimePoint now) {
    auto found = keys_.find(std::string(key));
    if (found == keys_.end()) {
      if (keys_.size() >= max_keys_) keys_.clear();
      found = keys_.emplace(key, LineGate()).first;
    }
    return found->second.admit(now, interval_);
  }

 private:
  Duration interval_;
  std::size_t max_keys_;
  std::unordered_map<std::string, LineGate> keys_;
};

}  // namespace plotbridge
