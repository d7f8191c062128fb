// Where the pipeline's thread and the stream loop meet: the outboxes of all streams behind one lock
// that is held for moments, and the spool, which is written and read without that lock
// (docs/queue.md). A line comes into memory first; what must last, or has no room there, is written
// to the spool behind that. Not responsible for: connections. Any thread, if it is not said.
#pragma once

#include "plugin/app/delivery_histogram.h"
#include "plugin/app/outbox_options.h"
#include "plugin/app/stream_outbox.h"
#include "plugin/app/stream_status.h"
#include "plugin/config/config.h"
#include "plugin/model/arrival.h"
#include "plugin/model/line.h"
#include "plugin/queue/arrival_hold.h"
#include "plugin/queue/line_store.h"
#include "plugin/queue/memory_shares.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::app {

class Outbox {
 public:
  Outbox(std::span<const config::Stream> streams, const OutboxOptions& options);

  // The pipeline's thread.

  /// A line of the message for stream number `stream`. It is accepted by `end_message`, or before
  /// when the message has many.
  void push(std::size_t stream, const Line& line, const Arrival& arrival);
  /// A stream that had to drop lines, and why.
  struct Loss {
    std::size_t stream = 0;
    Discarded why{};
    bool operator==(const Loss&) const = default;
  };
  /// The message is over. When this returns, its lines that must last are in the spool, with
  /// durability `power` on disk, or the spool says that it failed. While messages had better stay
  /// with the broker, it takes a moment. What was dropped for these lines, or of them.
  std::vector<Loss> end_message();

  // The stream loop.

  /// Moves the numbers of the streams to `streams` that have got lines since the last call.
  void take_dirty(std::vector<std::size_t>& streams);
  struct Filled {
    std::size_t bytes = 0;
    std::size_t lines = 0;    // that are whole now
    TimePoint next = kNever;  // when to fill again: lines wait for their time
    bool at_limit = false;    // no further line may go
    bool in_part = false;     // the last line goes on in the next chunk
    bool waits = false;       // for the store: the stream is among `take_dirty` when it goes on
  };
  /// Fills a chunk with the lines that are next; adds to `sent` which of them are whole now.
  Filled fill(std::size_t stream, std::span<char> room, TimePoint now,
              const StreamOutbox::Limits& limits, std::vector<OffsetRange>& sent);
  /// These lines have arrived.
  void arrived(std::size_t stream, std::span<const OffsetRange> offsets, TimePoint now);
  /// The endpoint says so, and counts lines. False: some of them were never sent, and are ignored.
  /// `first`: it has just connected, so that an earlier run may have sent them.
  bool acknowledged(std::size_t stream, std::span<const OffsetRange> offsets, bool first,
                    TimePoint now);
  /// The connection is gone: what was in flight and has not arrived is to be sent again. Those
  /// lines.
  RangeSet connection_ended(std::size_t stream);
  /// The endpoint refused this line: takes it out. Nothing: it is in the store, which is asked for
  /// it, or not wanted any more.
  std::optional<std::string> take_out(std::size_t stream, std::uint64_t offset);
  bool is_resolved(std::size_t stream, std::uint64_t offset) const;
  /// Those of these offsets that are not.
  RangeSet unresolved_of(std::size_t stream, const RangeSet& offsets) const;
  /// What waited becomes what the stream's `backlog` says.
  void on_reconnected(std::size_t stream);
  /// The line that is next, or the next to come.
  std::uint64_t next_offset(std::size_t stream) const;
  struct Progress {
    std::uint64_t begin = 0;      // the lowest offset that is not resolved
    std::uint64_t resolved = 0;   // lines
    std::uint64_t in_flight = 0;  // lines
  };
  Progress progress(std::size_t stream) const;
  /// Whether what arrives stays in the spool for as long as the endpoint's system may take to write
  /// it to disk.
  void hold_arrived(bool hold);
  /// Changes the status of a stream under the lock.
  template <class Change>
  void update(std::size_t stream, const Change& change) {
    const std::lock_guard lock(mutex_);
    change(streams_[stream].status());
  }

  // Who may wait for the disk.

  /// Gets the lines that streams wait for from the store. True: some of them can go on. One thread.
  bool do_store_work(TimePoint now);
  /// Drops what is older than the spool allows, and writes what its disk did not take when it came.
  void maintain_spool(const Moment& now);
  struct Leftover {
    std::size_t kept = 0;  // lines in the spool, for the next run
    std::size_t lost = 0;
  };
  /// At the end: puts what is left into the spool, as far as there is one; the rest is counted as
  /// discarded.
  Leftover spill();

  /// Whether messages had better stay with the broker for a while: something that must not drop
  /// lines is full.
  bool wants_pause() const { return wants_pause_; }
  /// Looks again whether there is room.
  void look_for_room();
  /// The program ends: no message waits for room any more.
  void stop_waiting();

  std::vector<StreamStatus> statuses() const;
  DeliveryHistogram deliveries() const;
  std::size_t memory_used() const;

 private:
  struct Pushed {
    std::size_t stream;
    std::size_t end;  // of its bytes, behind those of the line before
    std::size_t y_offset, y_size;
    Arrival arrival;
  };
  using Lines = std::vector<queue::LineStore::NewLine>;

  // Of the pipeline's thread, or with `spool_mutex_`: whoever writes lines.
  void accept_pushed();
  void reserve_offsets();
  void note_loss(std::size_t stream, Discarded why);
  bool write_lines(std::vector<std::size_t> streams, WallTime wall);
  void collect(std::vector<std::size_t>& streams, WallTime wall);
  bool append_collected();
  void give_up_new(std::span<const queue::LineStore::NewLine> lines);
  void mark_written(std::span<const queue::LineStore::NewLine> lines);
  bool make_room_in_store(std::size_t line_bytes);
  void drop(std::vector<queue::DroppedLines> dropped, Discarded why);
  void make_room(WallTime wall);
  bool write_of_fullest(WallTime wall);
  void note_store_pressure(std::size_t bytes);

  // With `mutex_`.
  void accept(const Pushed& pushed, std::string_view bytes);
  void changed(std::size_t stream);  // its log
  void mark_dirty(std::size_t stream);
  bool evict();
  bool give_up_memory();
  void resolve_in_store(std::size_t stream, OffsetRange range, bool arrived, TimePoint now);
  void want_store(std::size_t stream, std::uint64_t offset);
  bool release_held();
  void want_pause();

  void fetch(std::size_t stream, TimePoint now);
  bool store_blocks() const {
    return options_.store != nullptr && options_.when_spool_full == WhenSpoolFull::kBlock;
  }
  bool is_above(double part) const;

  // Of a spool that blocks: from the one mark on messages stay with the broker, until it is down to
  // the other. Behind the first there is room for what is on its way.
  static constexpr double kHighWater = 0.8;
  static constexpr double kLowWater = 0.6;

  const OutboxOptions options_;
  // Whoever writes lines to the spool or drops lines of it; taken before the other lock.
  std::mutex spool_mutex_;
  Lines collected_;
  std::string collected_bytes_;
  std::size_t appended_ = 0;  // bytes, since the last look at a spool that blocks

  // The pipeline's thread.
  std::vector<Pushed> pushed_;
  std::string pushed_bytes_;
  std::vector<std::size_t> touched_;  // streams
  bool must_sync_ = false;

  mutable std::mutex mutex_;
  std::vector<Loss> losses_;  // since the last message
  std::deque<StreamOutbox> streams_;
  queue::MemoryShares shares_;
  std::vector<bool> is_dirty_;
  std::vector<std::size_t> dirty_;
  DeliveryHistogram deliveries_;
  queue::ArrivalHold hold_;
  bool holds_ = false;
  bool stopping_ = false;
  std::vector<std::size_t> store_work_;  // streams that want the store
  std::vector<bool> wants_store_;
  std::condition_variable room_;
  std::atomic<bool> wants_pause_{false};

  // The thread that fetches.
  std::string fetched_;
  std::vector<std::pair<std::uint64_t, std::size_t>> fetched_lines_;
};

}  // namespace plotbridge::app
