// How the streams of one endpoint learn what has arrived there. Plain value, shared by all of them;
// the stream loop's thread only.
#pragma once

#include "plugin/base/time.h"
#include "plugin/stream/ack_support.h"

#include <cstddef>
#include <functional>

namespace plotbridge::app {

struct Delivery {
  stream::AckSupport acks{};
  bool told_of_none = false;  // that it does not acknowledge
  /// What is not sent has a place on disk.
  bool spooled = false;
  /// What was acknowledged must outlive a power cut,
  bool must_outlive_power = false;
  /// and as the endpoint says of itself it does not, until its system has written it to disk.
  bool loses_with_power = false;
  /// After so long the body is ended, for the answer's sake, and a new one follows; 0: never.
  Duration checkpoint{0};
  /// Asks the endpoint whether it acknowledges lines; the answer comes to `StreamSet`. Nothing
  /// happens while it is being asked.
  std::function<void()> ask{};
  /// Asks what it has of a stream, where its acknowledgements do not come through.
  std::function<void(std::size_t stream)> ask_what_it_has{};
};

}  // namespace plotbridge::app
