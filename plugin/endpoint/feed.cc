#include "plugin/endpoint/feed.h"

#include <utility>

namespace plotbridge::endpoint {

void Feed::push(std::string frame) {
  ++sequence_;
  bytes_ += frame.size();
  budget_->move(0, frame.size());
  frames_.push_back(std::move(frame));
  while (bytes_ > kMaxBytes || (budget_->exceeded() && !frames_.empty())) drop_oldest();
}

void Feed::push_break() {
  ++sequence_;
  drop_all();
}

void Feed::drop_oldest() {
  const std::size_t size = frames_.front().size();
  frames_.pop_front();
  bytes_ -= size;
  budget_->move(size, 0);
}

void Feed::drop_all() {
  while (!frames_.empty()) drop_oldest();
}

bool Feed::can_resume(std::uint64_t cursor) const {
  return cursor <= sequence_ && sequence_ - cursor <= frames_.size();
}

void Feed::read(
    std::uint64_t cursor,
    const std::function<void(std::uint64_t sequence, std::string_view frame)>& take) const {
  for (std::uint64_t number = cursor + 1; number <= sequence_; ++number) {
    take(number, frames_[frames_.size() - 1 - static_cast<std::size_t>(sequence_ - number)]);
  }
}

}  // namespace plotbridge::endpoint
