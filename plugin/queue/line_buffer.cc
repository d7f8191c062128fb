#include "plugin/queue/line_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace plotbridge::queue {
namespace {

// An empty buffer keeps at most this much; there are two of them in each of ten thousand streams.
constexpr std::size_t kKeptWhenEmpty = 512;
// Up to here it doubles when it grows, from here on it grows by a quarter: what is allocated and
// not used is memory that other streams lack.
constexpr std::size_t kDoublesUpTo = std::size_t{16} << 10;

}  // namespace

LineBuffer::LineBuffer(LineBuffer&& other) noexcept
    : budget_(other.budget_),
      bytes_(std::move(other.bytes_)),
      head_(std::exchange(other.head_, 0)),
      newest_(std::exchange(other.newest_, 0)),
      lines_(std::exchange(other.lines_, 0)) {
  std::vector<char>().swap(other.bytes_);
}

bool LineBuffer::push(const QueuedLine& line) {
  if (!make_room(record_bytes(line), false)) return false;
  append(line);
  return true;
}

void LineBuffer::push_always(const QueuedLine& line) {
  make_room(record_bytes(line), true);
  append(line);
}

void LineBuffer::push_before(LineBuffer& other) {
  if (other.empty()) return;
  while (!empty()) {
    other.push_always(front());
    pop_front();
  }
  std::swap(bytes_, other.bytes_);
  std::swap(head_, other.head_);
  std::swap(newest_, other.newest_);
  std::swap(lines_, other.lines_);
}

void LineBuffer::pop_front() {
  assert(lines_ > 0);
  head_ += record_bytes(front());
  if (--lines_ == 0) return free_when_empty();
  // Moving at most as much as has gone: constant work a line.
  if (head_ >= kDoublesUpTo && head_ >= bytes_.size() / 2) drop_gone();
}

void LineBuffer::pop_back() {
  assert(lines_ > 0);
  const std::size_t before = header_at(newest_).record_before;
  bytes_.resize(newest_);
  if (--lines_ == 0) return free_when_empty();
  newest_ -= before;
}

void LineBuffer::mark_stored_before(std::uint64_t id) {
  std::size_t offset = head_;
  for (std::size_t i = 0; i < lines_; ++i) {
    Header header = header_at(offset);
    if (header.id < id && header.stored == 0) {
      header.stored = 1;
      std::memcpy(bytes_.data() + offset, &header, kHeaderBytes);
    }
    offset += kHeaderBytes + header.size;
  }
}

LineBuffer::Header LineBuffer::header_at(std::size_t offset) const {
  Header header{};
  std::memcpy(&header, bytes_.data() + offset, kHeaderBytes);
  return header;
}

QueuedLine LineBuffer::line_at(std::size_t offset) const {
  assert(lines_ > 0);
  const Header header = header_at(offset);
  return {{bytes_.data() + offset + kHeaderBytes, header.size},
          header.received,
          header.id,
          header.stored == 1};
}

bool LineBuffer::make_room(std::size_t need, bool always) {
  if (bytes_.capacity() - bytes_.size() >= need) return true;
  if (head_ >= bytes_.size() / 4) drop_gone();
  if (bytes_.capacity() - bytes_.size() >= need) return true;
  const std::size_t least = bytes_.size() + need;
  const std::size_t grown = bytes_.capacity() < kDoublesUpTo
                                ? std::max(2 * bytes_.capacity(), kKeptWhenEmpty)
                                : bytes_.capacity() + bytes_.capacity() / 4;
  return set_capacity(std::max(least, grown), false) || set_capacity(least, always);
}

bool LineBuffer::set_capacity(std::size_t bytes, bool always) {
  const std::size_t more = bytes - bytes_.capacity();
  if (!always && !budget_->has_room_for(more)) return false;
  budget_->take(more);
  bytes_.reserve(bytes);
  return true;
}

void LineBuffer::append(const QueuedLine& line) {
  Header header{};
  header.size = static_cast<std::uint32_t>(line.bytes.size()) & 0x7FFF'FFFFU;
  header.stored = line.stored ? 1 : 0;
  header.record_before = lines_ == 0 ? 0 : static_cast<std::uint32_t>(bytes_.size() - newest_);
  header.received = line.received;
  header.id = line.id;
  newest_ = bytes_.size();
  const auto* const start = reinterpret_cast<const char*>(&header);
  bytes_.insert(bytes_.end(), start, start + kHeaderBytes);
  bytes_.insert(bytes_.end(), line.bytes.begin(), line.bytes.end());
  ++lines_;
}

void LineBuffer::drop_gone() {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
  newest_ -= head_;
  head_ = 0;
  if (bytes_.capacity() > kDoublesUpTo && bytes_.capacity() > 4 * bytes_.size()) {
    const std::size_t before = bytes_.capacity();
    bytes_.shrink_to_fit();
    budget_->give_back(before - bytes_.capacity());
  }
}

void LineBuffer::free_when_empty() {
  head_ = newest_ = 0;
  bytes_.clear();
  if (bytes_.capacity() <= kKeptWhenEmpty) return;
  budget_->give_back(bytes_.capacity());
  std::vector<char>().swap(bytes_);
}

}  // namespace plotbridge::queue
