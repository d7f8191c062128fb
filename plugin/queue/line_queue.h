// The lines of one stream between the pipeline and the connection, in order, bounded in lines and,
// together with all other queues, in bytes. Taking a line and letting it go are two steps: what was
// handed to a connection is kept until the other side has it, so that it can be sent again from the
// start of a line. Leaves to others: locking, pacing, disk. One thread (or lock) at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/queue/memory_budget.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::queue {

enum class WhenFull { kDropOldest, kDropNewest };

/// What a push cost.
struct Pushed {
  bool taken = false;
  /// Unsent lines that had to go for it.
  std::size_t dropped = 0;
};

struct QueuedLine {
  std::string_view bytes;  // with its newline; valid until the next call that changes the queue
  TimePoint received;
};

class LineQueue {
 public:
  /// `capacity` counts unsent lines. `budget` outlives the queue.
  LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget);
  ~LineQueue();
  LineQueue(LineQueue&& other) noexcept;
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  Pushed push(std::string_view line, TimePoint received);
  /// Puts `line` in the place of the newest one. False when that is no longer here unsent.
  bool replace_newest(std::string_view line, TimePoint received);
  /// Drops the line before the newest one. False when that is no longer here unsent.
  bool drop_before_newest();

  bool has_unsent() const { return unsent_ > 0; }
  std::size_t unsent() const { return unsent_; }
  /// The number of the oldest unsent line, or of the next to come. Numbers grow by one from line to
  /// line; a line that is sent again, with none dropped meanwhile, keeps its number.
  std::uint64_t front_number() const { return end_number_ - unsent_; }
  /// Lines handed out and not let go.
  std::size_t in_flight() const { return in_flight_; }

  /// The oldest unsent line; there must be one.
  QueuedLine front() const;
  /// The oldest unsent line is handed out, at least its first part: it is in flight now.
  void advance();
  /// The line of the last `advance`, until anything is let go of or sent again.
  QueuedLine handed_out() const;
  /// The `lines` oldest lines in flight have arrived.
  void release(std::size_t lines);
  /// Everything in flight is unsent again. The number of lines.
  std::size_t rewind();

 private:
  struct Header {
    std::uint32_t size;
    std::uint32_t record_before;  // bytes of the record that stands before this one
    TimePoint received;
  };
  static constexpr std::size_t kHeaderBytes = sizeof(Header);

  QueuedLine line_at(std::size_t offset) const;
  Header header_at(std::size_t offset) const;
  void append(std::string_view line, TimePoint received, std::size_t record_before);
  void drop_front_of_unsent();
  void set_record_before(std::size_t offset, std::size_t bytes);
  void erase(std::size_t from, std::size_t to);
  void trim();

  std::size_t capacity_;
  WhenFull when_full_;
  MemoryBudget* budget_;
  // Records one behind the other: [gone | in flight | unsent]. One allocation a stream, none a
  // line.
  std::string buffer_;
  std::size_t head_ = 0;        // first record in flight
  std::size_t cursor_ = 0;      // first unsent record
  std::size_t handed_out_ = 0;  // the one before it
  std::size_t newest_ = 0;      // start of the last record
  std::size_t unsent_ = 0;
  std::size_t in_flight_ = 0;
  std::uint64_t end_number_ = 0;  // of the next line to come
};

}  // namespace plotbridge::queue
