// Lines one behind the other in a single allocation, whose size counts against a budget: put in at
// the back, taken from either end. Leaves to others: which lines may go (line_queue). One thread
// (or lock) at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/queue/memory_budget.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

struct QueuedLine {
  /// Of one that stands for a line that is gone: it has a number, and is nowhere else.
  static constexpr std::uint64_t kNoId = std::numeric_limits<std::uint64_t>::max();

  std::string_view bytes;  // with its newline; valid until the next call that changes the buffer
  TimePoint received;
  std::uint64_t id = 0;  // along its stream, see line_store.h
  bool stored = false;   // the store has it, too
};

class LineBuffer {
 public:
  /// `budget` outlives the buffer.
  explicit LineBuffer(MemoryBudget& budget) : budget_(&budget) {}
  ~LineBuffer() { budget_->give_back(bytes_.capacity()); }
  LineBuffer(LineBuffer&& other) noexcept;
  LineBuffer(const LineBuffer&) = delete;
  LineBuffer& operator=(const LineBuffer&) = delete;

  /// False: the budget has no room.
  bool push(const QueuedLine& line);
  /// Takes the room, budget or not: for what has to go on.
  void push_always(const QueuedLine& line);
  /// What `other` has comes before what is here; `other` is empty then.
  void push_before(LineBuffer& other);

  std::size_t lines() const { return lines_; }
  bool empty() const { return lines_ == 0; }
  /// There must be one.
  QueuedLine front() const { return line_at(head_); }
  QueuedLine back() const { return line_at(newest_); }
  void pop_front();
  void pop_back();
  /// The store has those with smaller ids now.
  void mark_stored_before(std::uint64_t id);
  /// Gives every line, the oldest first.
  template <class Take>
  void each(const Take& take) const {
    std::size_t offset = head_;
    for (std::size_t i = 0; i < lines_; ++i) {
      const QueuedLine line = line_at(offset);
      take(line);
      offset += record_bytes(line);
    }
  }

 private:
  struct Header {
    std::uint32_t size : 31;
    std::uint32_t stored : 1;
    std::uint32_t record_before;  // bytes of the record that stands before this one
    TimePoint received;
    std::uint64_t id;
  };
  static constexpr std::size_t kHeaderBytes = sizeof(Header);

  static std::size_t record_bytes(const QueuedLine& line) {
    return kHeaderBytes + line.bytes.size();
  }
  Header header_at(std::size_t offset) const;
  QueuedLine line_at(std::size_t offset) const;
  bool make_room(std::size_t need, bool always);
  bool set_capacity(std::size_t bytes, bool always);
  void append(const QueuedLine& line);
  void drop_gone();
  void free_when_empty();

  MemoryBudget* budget_;
  std::vector<char> bytes_;  // [gone | records]
  std::size_t head_ = 0;     // the first record
  std::size_t newest_ = 0;   // the last one
  std::size_t lines_ = 0;
};

}  // namespace plotbridge::queue
