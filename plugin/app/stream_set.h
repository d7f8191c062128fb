// All streams of the endpoint: opens them, gives each its turn when its time comes, ends them.
// Leaves to others: the thread and the waiting (streamer), so that a test can move its time by
// hand. The stream loop's thread only.
#pragma once

#include "plugin/app/stream_driver.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <vector>

namespace plotbridge::app {

class StreamSet {
 public:
  /// One stream for each of the outbox. The set fills in `context.schedule`.
  StreamSet(StreamContext context, const std::vector<std::string>& names);

  /// Opens every stream; those of a large set as the first ones get their answers.
  void open();
  /// A person asks: tries again what stands by or is parked.
  void retry();
  void retry(std::size_t stream);
  /// Ends every stream in good order.
  void drain();
  /// Whether the endpoint acknowledges lines; the answer to `Delivery::ask`. True: that is news.
  bool endpoint_answered(stream::AckSupport::Answer answer);
  /// What it has of a stream; the answer to `Delivery::ask_what_it_has`.
  void endpoint_has(std::size_t stream, std::span<const OffsetRange> offsets);
  /// Closes everything, without a word.
  void abandon();

  /// Gives their turn to the streams that have got lines, and to those whose time has come. The
  /// number of streams that had got lines.
  std::size_t turn();
  /// When the next turn is due without new lines.
  TimePoint next_due() const { return due_.empty() ? kNever : due_.top().at; }
  bool all_idle() const;

  /// Any thread.
  const std::string& name(std::size_t stream) const { return drivers_[stream]->name(); }

 private:
  struct Due {
    TimePoint at;
    std::size_t stream;
    bool operator>(const Due& other) const { return at > other.at; }
  };

  void schedule(std::size_t stream, TimePoint at);
  void open_more();
  void run_due();
  void drop_stale_dues();

  StreamContext context_;
  std::vector<std::unique_ptr<StreamDriver>> drivers_;
  std::deque<std::size_t> to_open_;   // wanted: at the start, or because a person asks
  std::vector<std::size_t> opening_;  // of those the dialled ones that are not answered yet
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<TimePoint> scheduled_;  // the entry of `due_` that counts, for each stream
  std::vector<std::size_t> dirty_;
  std::vector<std::size_t> now_due_;
};

}  // namespace plotbridge::app
