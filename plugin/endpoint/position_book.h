// What the endpoint has of each producer that numbers its lines in each stream: the offsets that
// were applied, or will never come, and of these those that are kept. Bounded in positions, of
// which the one not heard for longest goes first, and in ranges, of which none goes. Leaves to
// others: the lines (upload.h) and who holds a stream (stream_table.h). One thread at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/journal.h"
#include "plugin/endpoint/saved_state.h"
#include "plugin/endpoint/stream_table.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

struct Position {
  StreamId stream = 0;
  std::string producer;
  ProducerId id = 0;  // from 1; never used twice
  std::uint32_t epoch = 0;
  RangeSet applied;        // offsets
  RangeSet kept;           // of these, where something is kept
  std::size_t users = 0;   // uploads; while there are any it stays
  TimePoint heard{};       // about
  std::uint64_t used = 0;  // grows with each use of any
  bool dirty = false;      // waits for the next transaction
};

class PositionBook {
 public:
  static constexpr std::size_t kMostOfStream = 16;
  static constexpr std::size_t kMostOfAll = 65'536;
  static constexpr std::size_t kMaxProducerBytes = 64;
  /// Of a position, and of all beyond one each.
  static constexpr std::size_t kMostRanges = kMostSavedRanges;
  static constexpr std::size_t kMostFurtherRanges = 262'144;

  /// Both outlive the book.
  PositionBook(const StreamTable& streams, Journal& journal, std::size_t capacity = kMostOfAll)
      : streams_(&streams), journal_(&journal), capacity_(capacity) {}

  /// Null: nothing is known of the producer.
  const Position* find(StreamId stream, std::string_view producer) const;

  /// Whether anything is known of any producer.
  bool has_any(StreamId stream) const {
    return stream < by_stream_.size() && !by_stream_[stream].empty();
  }

  /// The producer's position, one that has nothing when there was none, now of this epoch. It stays
  /// where it is until `leave`.
  Position& use(StreamId stream, std::string_view producer, std::uint32_t epoch, TimePoint now);
  void leave(Position& position) { --position.users; }

  /// Whether somebody has one that `use` gave.
  bool in_use(StreamId stream) const {
    return has_any(stream) && std::ranges::any_of(by_stream_[stream], [](const auto position) {
             return position->users > 0;
           });
  }
  /// All of a stream, of which none is in use.
  void forget(StreamId stream);

  enum class Verdict : std::uint8_t {
    kNew,
    kHasIt,
    kNoRoom,  // it would begin a range too many, or is no offset
  };
  /// What a line with this offset is to it.
  Verdict judge(const Position& position, std::uint64_t offset) const {
    if (position.applied.comes_next(offset) && offset < kOffsetsEnd) return Verdict::kNew;
    if (position.applied.contains(offset)) return Verdict::kHasIt;
    return has_room(position, {offset, offset + 1}) ? Verdict::kNew : Verdict::kNoRoom;
  }
  /// Whether these offsets may be added. What makes no further range always may.
  bool has_room(const Position& position, OffsetRange range) const;
  /// They were applied, or will never come. There is room for them.
  void add(Position& position, OffsetRange range) {
    const std::size_t before = further_of(position);
    if (range.size() == 1) {
      position.applied.add(range.from);
    } else {
      position.applied.add(range);
    }
    further_ += further_of(position) - before;
    if (!position.dirty && journal_->on()) mark(position);
  }
  /// Its producer is there.
  void hear(Position& position, TimePoint now);

  /// What its producer may forget.
  const RangeSet& kept(const Position& position) const {
    return journal_->on() ? position.kept : position.applied;
  }

  /// From an earlier run. One of a stream that is no more goes from the disk, too, and so does one
  /// whose ranges cannot be read, with a log line.
  void restore(const SavedPosition& saved);

  /// Adds what changed since the last call.
  void take(StateChanges& changes);
  /// What was taken is kept, or could not be and comes again.
  void taken_are_kept();
  void taken_have_failed();

  std::size_t size() const { return order_.size(); }
  /// Ranges of all, beyond one each.
  std::size_t further_ranges() const { return further_; }

 private:
  using Order = std::list<Position>;
  struct Dirty {
    StreamId stream;
    ProducerId id;
  };
  struct Taken {
    Dirty position;
    RangeSet applied;
  };
  static constexpr Duration kHearPeriod = std::chrono::hours(1);

  static std::size_t further_of(const Position& position) {
    const std::size_t ranges = position.applied.ranges().size();
    return ranges == 0 ? 0 : ranges - 1;
  }
  void mark(Position& position);
  void touch(Order::iterator position);
  Order::iterator make(StreamId stream, std::string_view producer);
  void make_room(StreamId stream);
  void drop(Order::iterator position);
  Order::iterator locate(StreamId stream, std::string_view producer);
  Order::iterator locate(StreamId stream, ProducerId id);

  const StreamTable* streams_;
  Journal* journal_;
  std::size_t capacity_;
  Order order_;  // those heard last first
  std::vector<std::vector<Order::iterator>> by_stream_;
  ProducerId last_id_ = 0;
  std::uint64_t uses_ = 0;
  std::size_t further_ = 0;
  std::vector<Dirty> dirty_;
  std::vector<Taken> taken_;
  std::vector<PositionKey> gone_;
  std::vector<PositionKey> taken_gone_;
};

}  // namespace plotbridge::endpoint
