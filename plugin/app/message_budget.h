// What one message may still cost, over all its routes and streams: bytes that are decoded, bytes
// of lines, and bytes of values that are looked at to write them. Not responsible for: the length
// of one line (encode), the number of points (decode). Pure; one thread at a time.
#pragma once

#include "plugin/model/line.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <span>
#include <utility>

namespace plotbridge::app {

class MessageBudget {
 public:
  /// Values of a document can be part of every point of it: this bounds the time that takes.
  static constexpr std::size_t kMaxValueBytes = std::size_t{64} << 20;

  /// Each route decodes the payload anew. The route that passes this is the last: 48 MiB at most.
  static constexpr std::size_t kMaxDecodedBytes = std::size_t{32} << 20;

  void begin() { *this = {}; }

  /// Whether another route may decode the payload.
  bool admit_decoding() {
    exceeded_ = exceeded_ || decoded_bytes_ > kMaxDecodedBytes;
    return !exceeded_;
  }
  void charge_decoded(std::size_t bytes) { decoded_bytes_ += bytes; }

  /// Whether the point may be made. Its values count, whether or not a line comes of them.
  bool admit_point(std::span<const Value> slots) {
    for (const Value& value : slots) value_bytes_ += value.text.size();
    exceeded_ = exceeded_ || value_bytes_ > kMaxValueBytes;
    return !exceeded_;
  }
  /// Whether a line of `size` bytes may be handed out, once more for each stream.
  bool admit_line(std::size_t size) {
    line_bytes_ += size;
    exceeded_ = exceeded_ || line_bytes_ > kMaxMessageLineBytes;
    return !exceeded_;
  }
  /// A line that was too long: its work counts all the same.
  void charge_long_line() { static_cast<void>(admit_line(kMaxLineBytes)); }

  /// Nothing more of the message is handed out.
  bool exceeded() const { return exceeded_; }
  /// True once for each route that loses a part of the message; Sparkplug routes count as one.
  bool tell() { return !std::exchange(told_, true); }
  void begin_route() { told_ = false; }

 private:
  std::size_t decoded_bytes_ = 0;
  std::size_t value_bytes_ = 0;
  std::size_t line_bytes_ = 0;
  bool exceeded_ = false;
  bool told_ = false;
};

}  // namespace plotbridge::app
