// One MQTT topic filter with named captures: parse, match, capture, overlap. `{name}` is a `+` that
// is remembered. Rules of MQTT 5.0, 4.7. Pure value; any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::route {

class TopicFilter {
 public:
  /// Takes `$share/GROUP/FILTER` too. Error: what is wrong with the filter and at which character.
  static Result<TopicFilter> parse(std::string_view text);

  /// As the broker wants it in SUBSCRIBE: every `{name}` a `+`.
  const std::string& mqtt() const { return mqtt_; }
  /// Names of the captures, left to right.
  const std::vector<std::string>& captures() const { return captures_; }
  /// Number of the level of a topic (from 0) that each capture stands for.
  const std::vector<std::size_t>& capture_levels() const { return capture_levels_; }
  /// What a topic is matched against, level by level; without the `$share/GROUP/` of a shared
  /// subscription.
  const std::vector<std::string>& levels() const { return levels_; }

  /// Whether some topic matches both (both as the broker sees them).
  bool overlaps(const TopicFilter& other) const;

 private:
  std::string mqtt_;
  std::vector<std::string> levels_;
  std::vector<std::string> captures_;
  std::vector<std::size_t> capture_levels_;
};

}  // namespace plotbridge::route
