// One MQTT publication as received. It borrows the receiver's memory and lives only for the length
// of the callback that brought it.
#pragma once

#include "plugin/base/time.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace plotbridge {

struct Message {
  std::string_view topic;
  std::string_view payload;
  int qos = 0;
  bool retained = false;
  /// MQTT 5 subscription identifiers that the broker put on this copy; empty where none are in use.
  std::span<const std::uint32_t> subscription_ids;
  WallTime received_at;
  TimePoint received_mono;
};

}  // namespace plotbridge
