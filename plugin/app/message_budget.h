// What one message may still cost, over all its routes and streams: points, bytes that are decoded,
// bytes of lines, and bytes of values and rendered texts that are looked at to write them. Not
// responsible for: the length of one line (encode), the points that one route makes of it (decode).
// Pure; one thread at a time.
#pragma once

#include "plugin/model/line.h"
#include "plugin/model/value.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace plotbridge::app {

class MessageBudget {
 public:
  /// Values of a document can be part of every point of it: this bounds the time that takes.
  static constexpr std::size_t kMaxValueBytes = std::size_t{64} << 20;

  /// Each route decodes the payload anew, at the cost that its decoder says (Decoder::cost_bytes).
  /// The route that passes this is the last.
  static constexpr std::size_t kMaxDecodedBytes = std::size_t{32} << 20;

  /// Twice what an ordinary message has at most (max_payload).
  static constexpr std::size_t kLargeBytes = std::size_t{2} << 20;

  enum class Exceeded : std::uint8_t { kNothing, kPoints, kBytes };

  void begin() { *this = {}; }
  /// The message goes by a route that takes so many points: all of them together take as many as
  /// the largest of these numbers.
  void allow_points(std::size_t points) { max_points_ = std::max(max_points_, points); }
  std::size_t max_points() const { return max_points_; }

  /// Whether another route may decode the payload.
  bool admit_decoding() { return limit(decoded_bytes_ <= kMaxDecodedBytes, Exceeded::kBytes); }
  void charge_decoded(std::size_t bytes) { decoded_bytes_ += bytes; }

  /// Texts that templates made of names which the publisher chose, and those names where patterns
  /// look at them.
  void charge_text(std::size_t bytes) {
    value_bytes_ += bytes;
    limit(value_bytes_ <= kMaxValueBytes, Exceeded::kBytes);
  }

  /// Whether the point may be made. Its values count, whether or not a line comes of them.
  bool admit_point(std::span<const Value> slots) {
    for (const Value& value : slots) value_bytes_ += value.text.size();
    ++points_;
    ++route_points_;
    return limit(points_ <= max_points_, Exceeded::kPoints) &&
           limit(value_bytes_ <= kMaxValueBytes, Exceeded::kBytes);
  }
  /// Whether a line of `size` bytes may be handed out, once more for each stream.
  bool admit_line(std::size_t size) {
    line_bytes_ += size;
    return limit(line_bytes_ <= kMaxMessageLineBytes, Exceeded::kBytes);
  }
  /// A line that was too long: its work counts all the same.
  void charge_long_line() { static_cast<void>(admit_line(kMaxLineBytes)); }

  /// Whether it may have freed much memory in small blocks.
  bool was_large() const { return decoded_bytes_ + value_bytes_ + line_bytes_ > kLargeBytes; }
  /// But for kNothing, no more of the message is handed out.
  Exceeded exceeded() const { return exceeded_; }
  /// True once for each route that loses a part of the message; Sparkplug routes count as one.
  bool tell() { return !std::exchange(told_, true); }
  void begin_route() {
    told_ = false;
    route_points_ = 0;
  }
  /// Points of the message since then.
  std::size_t route_points() const { return route_points_; }

 private:
  bool limit(bool kept, Exceeded what) {
    if (!kept && exceeded_ == Exceeded::kNothing) exceeded_ = what;
    return exceeded_ == Exceeded::kNothing;
  }

  std::size_t max_points_ = 0;
  std::size_t points_ = 0;
  std::size_t route_points_ = 0;
  std::size_t decoded_bytes_ = 0;
  std::size_t value_bytes_ = 0;
  std::size_t line_bytes_ = 0;
  Exceeded exceeded_ = Exceeded::kNothing;
  bool told_ = false;
};

}  // namespace plotbridge::app
