// Finds the line that the endpoint refuses: of the lines that were on the way it sends the older
// half on a connection of its own and asks for the answer, until one line is left. Leaves to
// others: the queue, the connections (app/stream_driver). Lines have numbers that grow by one.
// Pure; one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace plotbridge::stream {

class Bisect {
 public:
  enum class Verdict {
    kGoOn,     // send up to `limit` and ask again
    kCulprit,  // the oldest line is refused: put it aside
    kOver,     // nothing, or nothing more, to be found
  };

  bool active() const { return from_ < to_; }
  /// The number of the line before which to stop and ask.
  std::uint64_t limit() const { return limit_; }
  /// The number of the oldest line that is still suspected; the culprit's, once there is one.
  std::uint64_t oldest() const { return from_; }

  /// Lines `from` to before `to` were on the way when the endpoint refused one.
  Verdict begin(std::uint64_t from, std::uint64_t to) {
    from_ = from;
    to_ = to;
    return next(to - from == 1);
  }
  /// The oldest line left has number `front`: those before it may have had to go meanwhile.
  void advance_to(std::uint64_t front) {
    from_ = std::min(std::max(from_, front), to_);
    limit_ = std::max(limit_, std::min(from_ + 1, to_));
  }
  /// The endpoint took all lines before `limit`.
  Verdict taken() {
    from_ = limit_;
    return next(false);
  }
  /// The endpoint took them and said nothing, which a proxy may have swallowed. True: often enough
  /// to count as taken.
  bool unanswered() { return ++unanswered_ >= kUnansweredMost; }
  /// The endpoint refused one of the lines before `limit`.
  Verdict refused() {
    to_ = limit_;
    return next(to_ - from_ == 1);
  }

 private:
  static constexpr int kUnansweredMost = 3;

  Verdict next(bool found) {
    unanswered_ = 0;
    if (found || from_ >= to_) {
      to_ = from_;
      return found ? Verdict::kCulprit : Verdict::kOver;
    }
    limit_ = from_ + std::max<std::uint64_t>(1, (to_ - from_) / 2);
    return Verdict::kGoOn;
  }

  std::uint64_t from_ = 0, to_ = 0, limit_ = 0;
  int unanswered_ = 0;  // times in turn
};

}  // namespace plotbridge::stream
