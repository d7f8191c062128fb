// The outbox of one stream: its log of lines, how fast they may go, what becomes of those that come
// faster or find no room, and what is counted about them. Not responsible for: locking, the store,
// whose line goes when the memory of all streams is full (outbox), the connection. Pure; one thread
// (or lock) at a time.
#pragma once

#include "plugin/app/delivery_histogram.h"
#include "plugin/app/stream_status.h"
#include "plugin/base/rate_meter.h"
#include "plugin/config/config.h"
#include "plugin/model/line.h"
#include "plugin/queue/line_store.h"
#include "plugin/queue/stream_log.h"
#include "plugin/stream/pacer.h"
#include "plugin/stream/sampler.h"
#include "plugin/stream/wire_offset.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace plotbridge::app {

class StreamOutbox {
 public:
  /// Told of offsets that are not wanted any more.
  using Resolved = std::function<void(OffsetRange)>;

  /// Goes on with what an earlier run left. `given_up` is told of what it resolves by itself;
  /// `has_store`: there is more room than memory.
  StreamOutbox(const config::Stream& stream, queue::Recovered recovered, std::size_t block_bytes,
               bool has_store, Resolved given_up);

  const queue::StreamLog& log() const { return log_; }
  /// For its owner, which moves lines between memory and the store.
  queue::StreamLog& log() { return log_; }

  /// Adds a line, or merges it with those that wait when they come faster than they may go. The
  /// reason when a line had to go: this one or an older one.
  std::optional<Discarded> accept(const Line& line, TimePoint now);

  /// What a chunk may hold.
  struct Limits {
    const RangeSet* only = nullptr;          // these lines alone
    bool stop = false;                       // no further line
    stream::WireOffset* position = nullptr;  // null: the endpoint does not count lines
  };
  struct Filled {
    std::size_t bytes = 0;
    std::size_t lines = 0;    // that are whole now
    TimePoint next = kNever;  // when to fill again: lines wait for their time
    bool at_limit = false;    // no further line may go
    std::uint64_t missing = queue::StreamLog::kNone;  // the next line, which only the store has
  };
  /// Fills a chunk with lines, a line longer than `room` in pieces. Adds to `sent` which are whole
  /// now.
  Filled fill(std::span<char> room, TimePoint now, const Limits& limits,
              std::vector<OffsetRange>& sent, DeliveryHistogram& deliveries);
  /// A line is in flight in part.
  bool in_part() const { return part_sent_ > 0; }
  /// The connection is gone: what was in flight and is not resolved is to be sent again.
  void connection_ended();
  /// The stream is connected again, or for the first time: what waited becomes what `backlog` says.
  void on_reconnected();

  /// Lines that wait and that memory alone has.
  std::uint64_t waiting_in_memory_alone() const;
  bool is_over_capacity() const { return waiting_in_memory_alone() > capacity_; }
  bool is_over_half_capacity() const { return waiting_in_memory_alone() > capacity_ / 2; }
  /// They are not wanted any more, for this reason; those in flight, too.
  std::uint64_t give_up(OffsetRange range, Discarded why);
  /// Gives up as many lines as are over the capacity. False: it may not.
  bool give_up_over_capacity(Discarded why);
  /// Gives lines up that memory alone has and that take up a block of it. False: there are none, or
  /// it may not.
  bool give_up_block(Discarded why);
  /// The store has these no more.
  std::uint64_t lost_by_store(OffsetRange range, Discarded why);
  void count(Discarded why, std::uint64_t lines) {
    status_.discarded[static_cast<std::size_t>(why)] += lines;
  }

  bool blocks() const { return when_full_ == config::WhenFull::kBlock; }
  /// Of one that blocks: too much waits, until half of it is gone. `reserve`: bytes of memory that
  /// it has in any case.
  bool is_full() const { return is_full_; }
  void set_full() { is_full_ = true; }
  void look_whether_full(std::size_t reserve);

  StreamStatus& status() { return status_; }
  StreamStatus status(TimePoint now) const;

  // For its owner alone.
  std::uint64_t reserved = 0;      // offsets before it are known to the store as given
  bool must_store = false;         // memory alone has lines that must last
  std::uint64_t message_from = 0;  // the first offset of the message that is accepted just now
  std::uint64_t wanted = queue::StreamLog::kNone;  // from the store, before others
  TimePoint fetch_at{};                            // not earlier: the store failed

 private:
  using Fate = stream::Sampler::Fate;
  bool merge(Fate fate, std::string_view bytes, TimePoint now);
  std::uint64_t first_to_give_up() const;

  queue::StreamLog log_;
  stream::Pacer pacer_;
  stream::Sampler sampler_;
  std::uint64_t capacity_;
  config::WhenFull when_full_;
  config::Backlog backlog_;
  bool has_store_;
  bool is_full_ = false;
  Resolved given_up_;
  std::size_t part_sent_ = 0;  // bytes of the line that is in flight in part; 0: none is
  StreamStatus status_;
  RateMeter sent_rate_;
};

}  // namespace plotbridge::app
