#include "plugin/app/stream_set.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {
namespace {

// First dials are as fast as the endpoint answers: with this many unanswered, the next ones wait.
constexpr std::size_t kOpeningAtOnce = 128;

}  // namespace

StreamSet::StreamSet(StreamContext context, const std::vector<std::string>& names)
    : context_(std::move(context)), scheduled_(names.size(), kNever) {
  context_.schedule = [this](std::size_t stream, TimePoint at) { schedule(stream, at); };
  drivers_.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    drivers_.push_back(std::make_unique<StreamDriver>(context_, i, names[i]));
  }
}

void StreamSet::open() {
  for (std::size_t i = 0; i < drivers_.size(); ++i) to_open_.push_back(i);
  open_more();
}

void StreamSet::open_more() {
  if (to_open_.empty() && opening_.empty()) return;
  std::erase_if(opening_, [this](std::size_t stream) {
    return drivers_[stream]->state() != stream::State::kConnecting;
  });
  while (!to_open_.empty() && opening_.size() < kOpeningAtOnce) {
    const std::size_t stream = to_open_.front();
    to_open_.pop_front();
    drivers_[stream]->open();
    opening_.push_back(stream);
  }
}

void StreamSet::retry() {
  for (std::size_t i = 0; i < drivers_.size(); ++i) {
    const stream::State state = drivers_[i]->state();
    if (state == stream::State::kStandby || state == stream::State::kParked) to_open_.push_back(i);
  }
  open_more();
}

void StreamSet::retry(std::size_t stream) { drivers_[stream]->open(); }

void StreamSet::drain() {
  to_open_.clear();
  for (const auto& driver : drivers_) driver->drain();
}

bool StreamSet::endpoint_answered(stream::AckSupport::Answer answer) {
  const bool is_news = context_.delivery.acks.answered(answer);
  const bool none = is_news && !context_.delivery.acks.acknowledges();
  if (none && !std::exchange(context_.delivery.told_of_none, true)) report_no_acknowledgements();
  for (const auto& driver : drivers_) driver->endpoint_answered();
  return is_news;
}

void StreamSet::endpoint_has(std::size_t stream, std::span<const OffsetRange> offsets) {
  drivers_[stream]->endpoint_has(offsets);
}

void StreamSet::abandon() {
  for (const auto& driver : drivers_) driver->abandon();
}

std::size_t StreamSet::turn() {
  context_.outbox.take_dirty(dirty_);
  for (const std::size_t stream : dirty_) drivers_[stream]->lines_queued();
  run_due();
  open_more();
  return dirty_.size();
}

bool StreamSet::all_idle() const {
  return std::all_of(drivers_.begin(), drivers_.end(),
                     [](const auto& driver) { return driver->state() == stream::State::kIdle; });
}

void StreamSet::schedule(std::size_t stream, TimePoint at) {
  if (at >= scheduled_[stream]) return;
  scheduled_[stream] = at;
  due_.push({at, stream});
  if (due_.size() > 2 * drivers_.size() + 64) drop_stale_dues();
}

// Of a stream that sends often the far deadlines before stay behind.
void StreamSet::drop_stale_dues() {
  due_ = {};
  for (std::size_t i = 0; i < scheduled_.size(); ++i) {
    if (scheduled_[i] != kNever) due_.push({scheduled_[i], i});
  }
}

void StreamSet::run_due() {
  const TimePoint now = context_.now();
  now_due_.clear();
  while (!due_.empty() && due_.top().at <= now) {
    const Due due = due_.top();
    due_.pop();
    if (scheduled_[due.stream] != due.at) continue;  // an earlier one took its place
    scheduled_[due.stream] = kNever;
    now_due_.push_back(due.stream);
  }
  // Apart from the loop above, so that a stream that is due again at once cannot hold it.
  for (const std::size_t stream : now_due_) drivers_[stream]->turn();
}

}  // namespace plotbridge::app
