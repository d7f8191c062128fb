// How much text the values of one payload may become: of each sample as much as a line can hold, of
// all together as much as the lines of a message. A bit can become six bytes, so the cost of a
// message follows this and not its size. Pure; one thread at a time.
#pragma once

#include "plugin/model/line.h"

#include <algorithm>
#include <cstddef>

namespace plotbridge::decode {

class TextBudget {
 public:
  void begin_payload() { *this = {}; }
  void begin_sample() { sample_left_ = kMaxLineBytes; }

  /// What the next value of the sample may take.
  std::size_t room() const { return std::min(sample_left_, payload_left_); }
  /// What a value took. One that found no room took all of it: it was written up to there.
  void charge(std::size_t bytes) {
    sample_left_ -= std::min(sample_left_, bytes);
    payload_left_ -= std::min(payload_left_, bytes);
  }
  /// Whether it is the payload that has no room, and not the sample alone.
  bool payload_exceeded() const { return payload_left_ < kMaxLineBytes; }

 private:
  std::size_t sample_left_ = kMaxLineBytes;
  std::size_t payload_left_ = kMaxMessageLineBytes;
};

}  // namespace plotbridge::decode
