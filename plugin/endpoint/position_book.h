// How far each producer that numbers its lines has come in each stream: which number is wanted
// next, by what was applied and by what is kept. Bounded; who was not heard for longest goes first.
// Leaves to others: the lines (upload.h) and who holds a stream (stream_table.h). One thread at a
// time.
#pragma once

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
  std::uint64_t next = 0;  // of the lines that were applied
  std::uint64_t kept = 0;  // of those that are kept, where something is
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

  /// Both outlive the book.
  PositionBook(const StreamTable& streams, Journal& journal, std::size_t capacity = kMostOfAll)
      : streams_(&streams), journal_(&journal), capacity_(capacity) {}

  /// Null: nothing is known of the producer.
  const Position* find(StreamId stream, std::string_view producer) const;

  /// Whether anything is known of any producer.
  bool has_any(StreamId stream) const {
    return stream < by_stream_.size() && !by_stream_[stream].empty();
  }

  /// The producer's position, a new one at 0 when there was none, now of this epoch. It stays where
  /// it is until `leave`.
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

  /// Its next line was applied.
  void advance(Position& position) {
    ++position.next;
    if (!position.dirty && journal_->on()) mark(position);
  }
  /// Its producer is there.
  void hear(Position& position, TimePoint now);

  /// What its producer may forget everything before.
  std::uint64_t kept(const Position& position) const {
    return journal_->on() ? position.kept : position.next;
  }

  /// From an earlier run. One of a stream that is no more goes from the disk, too.
  void restore(const SavedPosition& saved);

  /// Adds what changed since the last call.
  void take(StateChanges& changes);
  /// What was taken is kept, or could not be and comes again.
  void taken_are_kept();
  void taken_have_failed();

  std::size_t size() const { return order_.size(); }

 private:
  using Order = std::list<Position>;
  struct Taken {
    StreamId stream;
    ProducerId id;
    std::uint64_t next;
  };
  static constexpr Duration kHearPeriod = std::chrono::hours(1);

  void mark(Position& position);
  void touch(Order::iterator position);
  Order::iterator add(StreamId stream, std::string_view producer);
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
  std::vector<Taken> dirty_;  // `next` means nothing here
  std::vector<Taken> taken_;
  std::vector<PositionKey> gone_;
  std::vector<PositionKey> taken_gone_;
};

}  // namespace plotbridge::endpoint
