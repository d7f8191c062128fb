// Where the pipeline's thread and the stream loop meet: the queue of every stream and what is
// counted about it, behind one lock that is held for moments. Leaves to others: the connection. Any
// thread.
#pragma once

#include "plugin/app/delivery_histogram.h"
#include "plugin/app/stream_status.h"
#include "plugin/base/rate_meter.h"
#include "plugin/config/config.h"
#include "plugin/model/line.h"
#include "plugin/queue/line_queue.h"
#include "plugin/queue/memory_budget.h"
#include "plugin/stream/pacer.h"
#include "plugin/stream/sampler.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::app {

class Intake {
 public:
  Intake(std::span<const config::Stream> streams, std::size_t memory);

  /// Queues a line of stream number `stream`, or merges it with those that wait when they come
  /// faster than they may go; all within the stream's limits. The reason when
  /// a line had to go for want of room: this one or older ones.
  std::optional<Discarded> push(std::size_t stream, const Line& line, TimePoint received);

  /// Moves the numbers of the streams that got lines since the last call to `streams`.
  void take_dirty(std::vector<std::size_t>& streams);

  /// What `fill` did to a chunk.
  struct Filled {
    std::size_t bytes = 0;
    std::size_t lines = 0;    // that are whole now
    TimePoint next = kNever;  // when to fill again: lines wait for their time
    bool at_limit = false;    // the next line is the one to stop before
  };
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  /// Fills a chunk with whole lines; a line longer than `room` in pieces, `offset` being what of it
  /// is gone; none from line number `stop_before` on.
  Filled fill(std::size_t stream, std::span<char> room, std::size_t& offset, TimePoint now,
              std::uint64_t stop_before = kNoLimit);
  /// The oldest lines in flight have arrived.
  void release(std::size_t stream, std::size_t lines);
  struct SentAgain {
    std::size_t lines = 0;
    std::optional<std::string> refused;  // the oldest of them, which is not
  };
  /// The connection is gone: what was in flight is sent again. `oldest_is_refused` is told the
  /// number of the oldest of those lines and how many they are; when it says so, that one is taken
  /// out.
  template <class Judge>
  SentAgain send_again(std::size_t stream, const Judge& oldest_is_refused) {
    const std::lock_guard lock(mutex_);
    queue::LineQueue& queue = slots_[stream].queue;
    SentAgain again;
    again.lines = queue.rewind();
    if (oldest_is_refused(queue.front_number(), again.lines) && again.lines > 0) {
      again.refused.emplace(queue.front().bytes);
      queue.advance();
      queue.release(1);
    }
    return again;
  }
  /// The number of the oldest unsent line.
  std::uint64_t front_number(std::size_t stream) const;
  /// Counts what is left as discarded, and the number of it.
  std::size_t discard_rest();

  /// For the stream loop: changes the status of a stream under the lock.
  template <class Change>
  void update(std::size_t stream, const Change& change) {
    const std::lock_guard lock(mutex_);
    change(slots_[stream].status);
  }

  std::vector<StreamStatus> statuses() const;
  DeliveryHistogram deliveries() const;
  std::size_t memory_used() const;
  std::size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    Slot(const config::Stream& stream, queue::MemoryBudget& budget);
    queue::LineQueue queue;
    stream::Pacer pacer;
    stream::Sampler sampler;
    bool dirty = false;
    StreamStatus status;
    RateMeter sent;
  };
  void count(Slot& slot, Discarded why, std::size_t lines);

  mutable std::mutex mutex_;
  queue::MemoryBudget budget_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> dirty_;
  DeliveryHistogram deliveries_;
};

}  // namespace plotbridge::app
