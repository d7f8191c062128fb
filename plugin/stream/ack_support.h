// Whether an endpoint acknowledges lines, known once for all its streams: it is asked by a request
// of its own, so that no stream has to find out. What it once said it is not believed to have
// forgotten because one question got no answer. Not responsible for: asking. Pure; one thread at a
// time.
#pragma once

#include "plugin/base/time.h"

#include <chrono>
#include <utility>

namespace plotbridge::stream {

class AckSupport {
 public:
  /// No stream waits longer for the first answer.
  static constexpr Duration kPatience = std::chrono::milliseconds(500);

  enum class Answer {
    kYes,
    kNo,
    kUnclear,  // somebody answered, and not the question: a gateway, perhaps
    kNone,     // nobody answered
  };

  /// `may`: one of this type may; `did`: it did in an earlier run.
  explicit AckSupport(bool may = false, bool did = false) : may_(may), does_(may && did) {}

  bool may_acknowledge() const { return may_; }
  /// Whether a connection is to be opened so that its lines are acknowledged.
  bool acknowledges() const { return does_; }
  bool is_known() const { return !may_ || does_ || is_known_; }

  /// It is asked now.
  void asked(TimePoint now) {
    if (asked_at_ == kNever) asked_at_ = now;
  }
  /// Until when a connection had better not be opened; in the past: it may.
  TimePoint wait_until() const {
    if (is_known() || nobody_answered_ || asked_at_ == kNever) return TimePoint::min();
    return asked_at_ + kPatience;
  }
  /// True: that is another answer than what was known.
  bool answered(Answer answer) {
    const bool did = does_;
    const bool was_known = is_known_;
    nobody_answered_ = answer == Answer::kNone;
    is_known_ = !nobody_answered_;
    if (answer == Answer::kYes || answer == Answer::kNo) does_ = answer == Answer::kYes;
    return does_ != did || (!was_known && !does_ && is_known_);
  }
  /// It was waited for long enough: until it answers, it does not acknowledge. True: that was not
  /// known.
  bool give_up() { return !is_known() && !std::exchange(is_known_, true); }

 private:
  bool may_;
  bool does_;
  bool is_known_ = false;
  bool nobody_answered_ = false;
  TimePoint asked_at_ = kNever;
};

}  // namespace plotbridge::stream
