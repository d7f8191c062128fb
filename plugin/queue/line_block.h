// Lines of consecutive offsets in one place, as long as they are in memory. Grows at its end and is
// given back as a whole, so that a line costs little beside its bytes. Leaves to others: which
// lines belong into it (stream_log). One thread (or lock) at a time.
#pragma once

#include "plugin/base/time.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace plotbridge::queue {

class LineBlock {
 public:
  /// Nothing is put into one that has so much.
  static constexpr std::size_t kMostBytes = std::size_t{16} << 10;
  static constexpr std::size_t kMostLines = 512;

  /// Its first line will have this offset.
  explicit LineBlock(std::uint64_t first) : first_(first) {}

  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + lines_.size(); }
  bool empty() const { return lines_.empty(); }
  bool contains(std::uint64_t offset) const { return offset >= first_ && offset < end(); }
  bool is_full() const { return bytes_.size() >= kMostBytes || lines_.size() >= kMostLines; }
  bool all_stored() const { return unstored_ == 0; }

  struct Line {
    std::string_view bytes;  // with its newline; valid until the block changes
    TimePoint received;
    bool stored = false;  // the store has it, too
  };
  Line at(std::uint64_t offset) const;

  /// How much more memory it would take with another line of `size` bytes.
  std::size_t growth(std::size_t size) const;
  void push(const Line& line);
  /// Takes the last line away; there is one.
  void pop();
  /// The store has it now.
  void mark_stored(std::uint64_t offset);
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
