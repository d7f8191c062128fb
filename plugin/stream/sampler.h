// What becomes of lines that come faster than their stream may send them: which of them still go,
// and what those say. No timer: each new line is measured against the newest ones that have not
// gone yet, so the sender always finds the right ones waiting. It decides; the owner of the queue
// performs. Leaves to others: how fast a stream may go (pacer), the queue and the clock. One thread
// (or lock) at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/model/line.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::stream {

enum class WhenFaster {
  kLatest,  // the newest line of an interval
  kMean,    // the newest line of an interval, its `y` the mean of all
  kMinMax,  // of two intervals the lines with the smallest and the largest `y`
  kQueue,   // every line, later
};

class Sampler {
 public:
  /// `interval` is the time from line to line; 0: without a limit nothing is ever merged.
  Sampler(WhenFaster when_faster, Duration interval);

  /// The queue and the sender when a line comes.
  struct Moment {
    TimePoint now;
    std::size_t unsent = 0;  // lines
    TimePoint next_send;     // when the next line may go; in the past: it may at once
  };
  /// What is to become of a line.
  enum class Fate {
    kAppend,
    kReplaceNewest,        // it takes the place of the newest unsent line
    kReplaceBeforeNewest,  // the line before the newest unsent one goes, and this one is appended
    kSkip,                 // those that wait say it all
  };
  struct Verdict {
    Fate fate;
    std::string_view line;  // what to append or replace by; valid until the next call
  };
  Verdict take(const Line& line, const Moment& moment);

  /// The last verdict could not be performed: nothing that waits is merged any more.
  void forget() { waiting_ = 0; }

 private:
  bool is_open(const Moment& moment) const;
  Verdict begin(const Line& line, double y, TimePoint now);
  Verdict merge_mean(const Line& line, double y, TimePoint now);
  Verdict merge_extremes(const Line& line, double y);

  WhenFaster when_faster_;
  std::size_t lines_most_;  // of a group
  Duration window_;         // of a group
  // The group: lines of one window, of which `waiting_` were left to the queue and none has gone.
  std::size_t waiting_ = 0;
  TimePoint end_;
  double first_ = 0, second_ = 0;  // kMinMax: `y` of the lines that wait, in their order
  double sum_ = 0, smallest_ = 0, largest_ = 0;  // kMean: of everything in the group
  std::size_t count_ = 0;
  std::string with_mean_;  // the line of the last verdict
};

}  // namespace plotbridge::stream
