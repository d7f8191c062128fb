#include "plugin/queue/line_block.h"

#include <algorithm>

namespace plotbridge::queue {
namespace {

// What the heap and the map of blocks need beside lines and bytes.
constexpr std::size_t kBlockBytes = sizeof(LineBlock) + 96;
// Blocks of quiet streams are small: they begin so, and grow by half.
constexpr std::size_t kFirstBytes = 256;
constexpr std::size_t kFirstLines = 4;

std::size_t grown(std::size_t capacity, std::size_t size, std::size_t least) {
  return size <= capacity ? capacity : std::max({size, capacity + capacity / 2, least});
}

}  // namespace

LineBlock::Line LineBlock::at(std::uint64_t offset) const {
  assert(contains(offset));
  const auto index = static_cast<std::size_t>(offset - first_);
  const std::size_t begin = begin_of(index);
  const Entry& entry = lines_[index];
  return {{bytes_.data() + begin, entry.end - begin}, entry.received, entry.stored == 1};
}

void LineBlock::push(const Line& line) {
  bytes_.reserve(grown(bytes_.capacity(), bytes_.size() + line.bytes.size(), kFirstBytes));
  lines_.reserve(grown(lines_.capacity(), lines_.size() + 1, kFirstLines));
  bytes_.insert(bytes_.end(), line.bytes.begin(), line.bytes.end());
  const auto end = static_cast<std::uint32_t>(bytes_.size());
  lines_.push_back({end & 0x7FFF'FFFFU, line.stored ? 1U : 0U, line.received});
  if (!line.stored) ++unstored_;
}

void LineBlock::pop() {
  assert(!empty());
  if (lines_.back().stored == 0) --unstored_;
  lines_.pop_back();
  bytes_.resize(begin_of(lines_.size()));
}

void LineBlock::mark(OffsetRange range, bool stored) {
  if (stored && unstored_ == 0) return;
  const std::uint64_t to = std::min(range.to, end());
  for (std::uint64_t at = std::max(range.from, first_); at < to; ++at) {
    Entry& entry = lines_[static_cast<std::size_t>(at - first_)];
    if ((entry.stored == 1) == stored) continue;
    entry.stored = stored ? 1 : 0;
    unstored_ = stored ? unstored_ - 1 : unstored_ + 1;
  }
}

void LineBlock::close() {
  bytes_.shrink_to_fit();
  lines_.shrink_to_fit();
}

std::size_t LineBlock::memory() const {
  if (lines_.capacity() == 0) return 0;
  return kBlockBytes + bytes_.capacity() + lines_.capacity() * sizeof(Entry);
}

}  // namespace plotbridge::queue
