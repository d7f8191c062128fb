// Lines of consecutive offsets in one place, as long as they are in memory. Grows at its end and is
// given back as a whole, so that a line costs little beside its bytes. Leaves to others: which
// lines belong into it (stream_log). One thread (or lock) at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

class LineBlock {
 public:
  static constexpr std::size_t kMaxLines = 512;

  /// Its first line will have this offset.
  explicit LineBlock(std::uint64_t first) : first_(first) {}

  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + lines_.size(); }
  bool empty() const { return lines_.empty(); }
  bool contains(std::uint64_t offset) const { return offset >= first_ && offset < end(); }
  /// Nothing is put into one that has so many bytes, or `kMaxLines`.
  bool is_full(std::size_t bytes) const {
    return bytes_.size() >= bytes || lines_.size() >= kMaxLines;
  }
  /// Its lines that the store does not have.
  std::size_t unstored() const { return unstored_; }

  struct Line {
    std::string_view bytes;  // with its newline; valid until the block changes
    TimePoint received;
    bool stored = false;  // the store has it, too
  };
  Line at(std::uint64_t offset) const;

  void push(const Line& line);
  /// Takes the last line away; there is one.
  void pop();
  /// From now on the store has those of its lines that are in the range, or has them no more.
  void mark(OffsetRange range, bool stored);
  /// Nothing more is put into it: gives back what it has reserved for that.
  void close();

  /// All that it takes.
  std::size_t memory() const;

 private:
  struct Entry {
    std::uint32_t end : 31;  // of its bytes
    std::uint32_t stored : 1;
    TimePoint received;
  };
  std::size_t begin_of(std::size_t index) const { return index == 0 ? 0 : lines_[index - 1].end; }

  std::uint64_t first_;
  std::vector<char> bytes_;
  std::vector<Entry> lines_;
  std::size_t unstored_ = 0;
};

}  // namespace plotbridge::queue
