#include "plugin/queue/line_queue.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace plotbridge::queue {
namespace {

// An empty queue keeps at most this much of the memory it once needed.
constexpr std::size_t kKeptWhenEmpty = 4096;

}  // namespace

LineQueue::LineQueue(std::size_t capacity, WhenFull when_full, MemoryBudget& budget)
    : capacity_(capacity), when_full_(when_full), budget_(&budget) {}

LineQueue::LineQueue(LineQueue&& other) noexcept
    : capacity_(other.capacity_),
      when_full_(other.when_full_),
      budget_(other.budget_),
      buffer_(std::move(other.buffer_)),
      head_(std::exchange(other.head_, 0)),
      cursor_(std::exchange(other.cursor_, 0)),
      handed_out_(std::exchange(other.handed_out_, 0)),
      newest_(std::exchange(other.newest_, 0)),
      unsent_(std::exchange(other.unsent_, 0)),
      in_flight_(std::exchange(other.in_flight_, 0)),
      end_number_(other.end_number_) {
  other.buffer_.clear();
}

LineQueue::~LineQueue() { budget_->give_back(buffer_.size() - head_); }

Pushed LineQueue::push(std::string_view line, TimePoint received) {
  Pushed result;
  const std::size_t need = kHeaderBytes + line.size();
  while (unsent_ >= capacity_ || !budget_->has_room_for(need)) {
    if (when_full_ == WhenFull::kDropNewest || unsent_ == 0) return result;
    drop_front_of_unsent();
    ++result.dropped;
  }
  append(line, received, buffer_.size() - newest_);
  result.taken = true;
  return result;
}

bool LineQueue::replace_newest(std::string_view line, TimePoint received) {
  if (unsent_ == 0) return false;
  const std::size_t old_size = buffer_.size() - newest_;
  const std::size_t need = kHeaderBytes + line.size();
  if (need > old_size && !budget_->has_room_for(need - old_size)) return false;
  const std::size_t record_before = header_at(newest_).record_before;
  budget_->give_back(old_size);
  buffer_.resize(newest_);
  --unsent_;
  --end_number_;
  append(line, received, record_before);
  return true;
}

bool LineQueue::drop_before_newest() {
  if (unsent_ < 2) return false;
  const std::size_t size = header_at(newest_).record_before;
  budget_->give_back(size);
  --unsent_;
  --end_number_;
  erase(newest_ - size, newest_);
  return true;
}

QueuedLine LineQueue::front() const {
  assert(unsent_ > 0);
  return line_at(cursor_);
}

QueuedLine LineQueue::handed_out() const {
  assert(in_flight_ > 0);
  return line_at(handed_out_);
}

QueuedLine LineQueue::line_at(std::size_t offset) const {
  const Header header = header_at(offset);
  return {std::string_view(buffer_).substr(offset + kHeaderBytes, header.size), header.received};
}

void LineQueue::advance() {
  assert(unsent_ > 0);
  handed_out_ = cursor_;
  cursor_ += kHeaderBytes + header_at(cursor_).size;
  --unsent_;
  ++in_flight_;
}

void LineQueue::release(std::size_t lines) {
  assert(lines <= in_flight_);
  const std::size_t before = head_;
  for (std::size_t i = 0; i < lines; ++i) head_ += kHeaderBytes + header_at(head_).size;
  in_flight_ -= lines;
  budget_->give_back(head_ - before);
  trim();
}

std::size_t LineQueue::rewind() {
  const std::size_t lines = in_flight_;
  unsent_ += lines;
  in_flight_ = 0;
  cursor_ = head_;
  return lines;
}

LineQueue::Header LineQueue::header_at(std::size_t offset) const {
  Header header{};
  std::memcpy(&header, buffer_.data() + offset, kHeaderBytes);
  return header;
}

void LineQueue::append(std::string_view line, TimePoint received, std::size_t record_before) {
  Header header{};
  header.size = static_cast<std::uint32_t>(line.size());
  header.record_before = static_cast<std::uint32_t>(record_before);
  header.received = received;
  newest_ = buffer_.size();
  buffer_.append(reinterpret_cast<const char*>(&header), kHeaderBytes);
  buffer_.append(line);
  budget_->take(kHeaderBytes + line.size());
  ++unsent_;
  ++end_number_;
}

void LineQueue::drop_front_of_unsent() {
  const std::size_t size = kHeaderBytes + header_at(cursor_).size;
  budget_->give_back(size);
  --unsent_;
  if (in_flight_ == 0) {
    head_ += size;
    cursor_ = head_;
    trim();
  } else {
    // The lines in flight, few as a rule, move up into its place. They keep their numbers.
    std::memmove(buffer_.data() + head_ + size, buffer_.data() + head_, cursor_ - head_);
    head_ += size;
    cursor_ += size;
    handed_out_ += size;
    --end_number_;
    if (cursor_ == buffer_.size()) {
      newest_ = handed_out_;
    } else {
      set_record_before(cursor_, cursor_ - handed_out_);
    }
    trim();
  }
}

void LineQueue::set_record_before(std::size_t offset, std::size_t bytes) {
  Header header = header_at(offset);
  header.record_before = static_cast<std::uint32_t>(bytes);
  std::memcpy(buffer_.data() + offset, &header, kHeaderBytes);
}

void LineQueue::erase(std::size_t from, std::size_t to) {
  // Whatever is cut out has a record before it, or one behind it.
  const std::uint32_t record_before = header_at(from).record_before;
  if (to == buffer_.size()) {
    newest_ = from - record_before;
  } else {
    set_record_before(to, record_before);
    newest_ -= to - from;
  }
  buffer_.erase(from, to - from);
}

void LineQueue::trim() {
  if (head_ == buffer_.size()) {
    buffer_.clear();
    if (buffer_.capacity() > kKeptWhenEmpty) buffer_.shrink_to_fit();
    head_ = cursor_ = newest_ = 0;
  } else if (head_ >= kKeptWhenEmpty && head_ >= buffer_.size() / 2) {
    // Moving at most as much as has gone: constant work a line.
    buffer_.erase(0, head_);
    cursor_ -= head_;
    handed_out_ -= head_;
    newest_ -= head_;
    head_ = 0;
  }
}

}  // namespace plotbridge::queue
