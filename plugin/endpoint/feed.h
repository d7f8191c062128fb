// What browsers that watch one plot are told: numbered frames, of which the newest are kept so that
// a reader who was away for a while can go on. A reader who was away for longer gets a whole
// window: memory is bounded however slow a reader is. Leaves to others: what frames say (plot.h),
// sending. One thread at a time.
#pragma once

#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

class Feed {
 public:
  /// Of all kept frames together.
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 10;

  /// `budget` outlives the feed; when it is used up no frames are kept.
  explicit Feed(WindowBudget& budget) : budget_(&budget) {}
  ~Feed() { drop_all(); }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// The number of the newest frame; a reader who has it has everything. Starts at 1.
  std::uint64_t sequence() const { return sequence_; }

  void push(std::string frame);

  /// What happened cannot be told by a frame: every reader needs a window.
  void push_break();

  /// Whether a reader who has frame `cursor` can go on by frames.
  bool can_resume(std::uint64_t cursor) const;

  /// Gives the frames after `cursor` and their numbers, oldest first; the reader can resume.
  void read(std::uint64_t cursor,
            const std::function<void(std::uint64_t sequence, std::string_view frame)>& take) const;

 private:
  void drop_oldest();
  void drop_all();

  WindowBudget* budget_;
  std::deque<std::string> frames_;  // the last of them is number `sequence_`
  std::size_t bytes_ = 0;
  std::uint64_t sequence_ = 1;
};

}  // namespace plotbridge::endpoint
