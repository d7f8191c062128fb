// How the streams of one endpoint learn what has arrived there. Plain value, shared by all of them;
// the stream loop's thread only.
#pragma once

#include "plugin/base/time.h"

#include <functional>

namespace plotbridge::app {

struct Delivery {
  /// The endpoint may acknowledge lines, and is asked to; false once it showed that it does not.
  bool acknowledgements = false;
  /// It has acknowledged some.
  bool acknowledged = false;
  /// Earlier runs may have sent lines as the same producer: the endpoint knows where it is.
  bool resumes = false;
  /// What is not sent has a place on disk.
  bool spooled = false;
  /// What was acknowledged must outlive a power cut,
  bool must_outlive_power = false;
  /// and as the endpoint says of itself it does not, until its system has written it to disk.
  bool loses_with_power = false;
  /// After so long the body is ended, for the answer's sake, and a new one follows; 0: never.
  Duration checkpoint{0};
  /// Asks the endpoint for something else, and tells when it last answered that; kNever: not yet.
  /// Empty: its silence on a stream says enough.
  std::function<TimePoint()> other_answer{};
};

}  // namespace plotbridge::app
