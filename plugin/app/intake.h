// Where the pipeline's thread and the stream loop meet: the queue of every stream and what is
// counted about it, behind one lock that is held for moments, and the spool, which is written and
// read without that lock. Leaves to others: the connection. Any thread, if it is not said.
#pragma once

#include "plugin/app/delivery_histogram.h"
#include "plugin/app/intake_options.h"
#include "plugin/app/stream_status.h"
#include "plugin/base/rate_meter.h"
#include "plugin/config/config.h"
#include "plugin/model/arrival.h"
#include "plugin/model/line.h"
#include "plugin/queue/line_store.h"
#include "plugin/queue/memory_budget.h"
#include "plugin/queue/release_hold.h"
#include "plugin/queue/spooled_queue.h"
#include "plugin/stream/pacer.h"
#include "plugin/stream/sampler.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::app {

class Intake {
 public:
  Intake(std::span<const config::Stream> streams, const IntakeOptions& options);

  /// Queues a line of stream number `stream`, or merges it with those that wait when they come
  /// faster than they may go; all within the stream's limits. Once it returned, a line that must
  /// last is in the spool (see `end_message`). The reason when a line had to go for want of room:
  /// this one or older ones. While messages had better stay with the broker, it takes its time for
  /// each that comes all the same. One thread: the pipeline's.
  std::optional<Discarded> push(std::size_t stream, const Line& line, const Arrival& arrival);

  /// The message is over, and its lines count as taken when this returns: with durability `power`
  /// those that must last are on disk then, for one wait, or the spool says that it failed. Any
  /// thread but the stream loop's.
  void end_message();

  /// Moves the numbers of the streams that got lines since the last call to `streams`.
  void take_dirty(std::vector<std::size_t>& streams);

  /// What `fill` did to a chunk.
  struct Filled {
    std::size_t bytes = 0;
    std::size_t lines = 0;    // that are whole now
    TimePoint next = kNever;  // when to fill again: lines wait for their time
    bool at_limit = false;    // the next line is the one to stop before
    bool waits = false;       // for the store: the stream is among `take_dirty` when it goes on
  };
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
  /// Fills a chunk with whole lines; a line longer than `room` in pieces, `offset` being what of it
  /// is gone; none from line number `stop_before` on. `numbered`: the endpoint counts the lines, so
  /// the spool has to know their numbers. Stream loop only, as all that follows.
  Filled fill(std::size_t stream, std::span<char> room, std::size_t& offset, TimePoint now,
              std::uint64_t stop_before = kNoLimit, bool numbered = false);
  /// What streams wait for: numbers and lines that the store has to write and to give. True: some
  /// of them can go on. May wait for the disk; one thread, which is not the stream loop's.
  bool do_store_work(TimePoint now);
  /// The oldest lines in flight have arrived.
  void release(std::size_t stream, std::size_t lines);
  /// Those before line number `number` have. False: it is not among the lines in flight, and
  /// nothing has changed.
  bool release_before(std::size_t stream, std::uint64_t number);
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
    queue::SpooledQueue& queue = slots_[stream].queue;
    SentAgain again;
    again.lines = queue.memory().rewind();
    if (oldest_is_refused(queue.memory().front_number(), again.lines) && again.lines > 0) {
      again.refused.emplace(queue.memory().front().bytes);
      tell(stream, queue.drop_front());
    }
    return again;
  }
  /// Whether an endpoint has counted lines that an earlier run left, and has not yet said where it
  /// is.
  bool was_counted(std::size_t stream) const {
    const std::lock_guard lock(mutex_);
    return !slots_[stream].queue.knows_place();
  }
  /// Whether what arrives stays in the spool for as long as the endpoint's system may take to
  /// write it to disk.
  void hold_arrived(bool hold);
  /// The number of the oldest unsent line.
  std::uint64_t front_number(std::size_t stream) const;
  /// The endpoint goes on at this number: what it has of an earlier run is released, and the next
  /// line that is left gets the number. Nothing may be in flight.
  void go_on_at(std::size_t stream, std::uint64_t number, TimePoint now);
  /// The stream is open again after an outage, or for the first time: what waited becomes what its
  /// `backlog` says.
  void came_back(std::size_t stream);
  bool has_unsent(std::size_t stream) const;

  /// Puts what is left into the spool, as far as there is one; the rest is counted as discarded.
  struct Rest {
    std::size_t kept = 0;
    std::size_t lost = 0;
  };
  Rest put_away();

  /// For the stream loop: changes the status of a stream under the lock.
  template <class Change>
  void update(std::size_t stream, const Change& change) {
    const std::lock_guard lock(mutex_);
    change(slots_[stream].status);
  }

  /// Gives up what is older than the spool allows, and puts there what its disk did not take when
  /// it came. Any thread but the stream loop's.
  void see_to_spool(const Moment& now);
  /// Whether messages had better stay with the broker for a while: something that must not drop
  /// lines is full. Any thread.
  bool wants_pause() const { return wants_pause_; }
  /// Looks again whether there is room.
  void look_for_room();

  std::vector<StreamStatus> statuses() const;
  DeliveryHistogram deliveries() const;
  std::size_t memory_used() const;
  std::size_t size() const { return slots_.size(); }

 private:
  using Fate = stream::Sampler::Fate;
  struct Slot {
    Slot(const config::Stream& stream, queue::MemoryBudget& budget);
    queue::SpooledQueue queue;
    // Behind all that, while the spool's disk takes nothing: without ids until it is their turn.
    queue::LineBuffer held;
    bool is_owed = false;  // memory alone has lines that must last
    int spoolers = 0;      // that put what is held, or in memory alone, into the spool just now
    stream::Pacer pacer;
    stream::Sampler sampler;
    std::size_t capacity;
    std::size_t soft_capacity;  // of one that blocks: beyond it messages stay with the broker
    config::Backlog backlog;
    bool history_due = false;  // as soon as the pipeline's thread does not change the newest lines
    bool dirty = false;
    bool wants_store = false;                    // it waits for `do_store_work`
    std::vector<queue::Numbering> numberings{};  // made, and not in the store yet
    int numbering = 0;                           // threads that write some just now
    TimePoint fetch_at{};                        // not earlier: the store failed
    StreamStatus status;
    RateMeter sent;
  };
  void count(Slot& slot, Discarded why, std::size_t lines);
  void mark_dirty(std::size_t stream);
  void tell(std::size_t stream, const queue::IdRanges& ids);
  /// The same of lines that the endpoint says it has.
  void tell_arrived(std::size_t stream, const queue::IdRanges& ids);
  bool let_arrived_go();

  // On the pipeline's thread; with the lock held.
  bool needs_spool(const Slot& slot, Fate fate, const Arrival& arrival) const;
  static bool merges_in_memory(const Slot& slot, Fate fate);
  std::optional<Discarded> take(std::size_t stream, const Line& line, const Arrival& arrival);
  // `full`: what it is counted as if something has to go.
  std::optional<Discarded> put_in_memory(std::size_t stream, Fate fate, std::string_view bytes,
                                         const Arrival& arrival, Discarded full);
  // Without it.
  std::optional<Discarded> put_in_spool(std::size_t stream, Fate fate, std::string_view bytes,
                                        const Arrival& arrival);
  std::optional<Discarded> merge_or_put(std::size_t stream, Fate fate, std::string_view bytes,
                                        const Arrival& arrival);
  std::optional<Discarded> hold(Slot& slot, std::string_view bytes, const Arrival& arrival);
  queue::LineStore::Kept store_memory(std::size_t stream, WallTime wall);
  using Copies = std::vector<std::pair<std::uint64_t, std::string>>;  // of lines, by id
  static queue::IdRanges gone_from_memory(const Slot& slot, const Copies& lines,
                                          std::uint64_t before);
  bool catch_up(std::size_t stream, WallTime wall);
  bool put_held(std::size_t stream, WallTime wall);
  void let_held_go(Slot& slot);
  bool replace_newest(std::size_t stream, std::string_view bytes, const Arrival& arrival);
  void take_out_before_newest(std::size_t stream, const Arrival& arrival);
  queue::LineStore::Kept append(std::size_t stream, std::uint64_t id, std::string_view bytes,
                                const Arrival& arrival, bool replaces);
  bool make_room_in_spool();
  template <class GiveUp>
  void give_up(Discarded why, const GiveUp& from_store);

  bool wait_for_store(std::size_t stream, bool numbered, Filled& filled, TimePoint now);
  enum class Numbered : std::uint8_t { kYes, kAgain, kWaits };
  Numbered number_next(std::size_t stream, std::unique_lock<std::mutex>& lock, Filled& filled);
  void want_store(std::size_t stream);
  void write_numberings(std::size_t stream);
  bool fetch(std::size_t stream, TimePoint now);
  std::size_t count_stored(std::size_t stream, const queue::SpooledQueue::Arrived& among);
  void resume_at(std::size_t stream, std::uint64_t number, TimePoint now);
  void note_pressure(const Slot& slot);
  void want_pause();
  bool is_above(double part) const;

  // Of a spool that blocks: from the one mark on messages stay with the broker, until it is down to
  // the other. Behind the first there is room for what is on its way.
  static constexpr double kHighWater = 0.8;
  static constexpr double kLowWater = 0.6;

  IntakeOptions options_;
  mutable std::mutex mutex_;
  // Whoever appends to the spool or gives lines of it up; taken before the other lock.
  std::mutex spool_mutex_;
  // Whoever numbers lines in the spool; taken between the two.
  std::mutex numbering_mutex_;
  queue::MemoryBudget budget_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> dirty_;
  DeliveryHistogram deliveries_;
  // The accounts of the queues lag behind the spool while it gives lines up.
  bool giving_up_ = false;
  std::optional<std::size_t> merging_;  // the stream whose newest lines the spool replaces just now
  std::uint64_t given_up_times_ = 0;
  std::uint64_t given_up_lines_ = 0;
  queue::ReleaseHold hold_;
  bool holds_ = false;
  std::size_t appended_ = 0;             // bytes, since the last look at a spool that blocks
  std::vector<std::size_t> store_work_;  // streams that want the store
  // Scratch of the thread that fetches.
  std::string fetched_;
  std::vector<std::pair<std::uint64_t, std::size_t>> fetched_lines_;
  std::atomic<std::uint64_t> appends_that_last_{0};  // that were tried
  std::atomic<std::uint64_t> synced_appends_{0};     // of them, those that a sync came after
  std::atomic<bool> wants_pause_{false};
  std::condition_variable room_;
};

}  // namespace plotbridge::app
