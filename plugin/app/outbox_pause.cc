// When messages had better stay with the broker, and when they may come again.
#include "plugin/app/outbox.h"

#include <mutex>

namespace plotbridge::app {
namespace {

constexpr std::size_t kLooks = 64;  // while a spool that blocks fills once

}  // namespace

bool Outbox::is_above(double part) const {
  const auto bytes = static_cast<double>(options_.store->gauges({}).bytes);
  return bytes > part * static_cast<double>(options_.store_capacity);
}

// Of a spool that blocks, after so many bytes more.
void Outbox::note_store_pressure(std::size_t bytes) {
  appended_ += bytes;
  if (appended_ <= options_.store_capacity / kLooks) return;
  appended_ = 0;
  const bool takes_no_more = bytes >= options_.store_capacity;
  if (!takes_no_more && !is_above(kHighWater)) return;
  const std::lock_guard lock(mutex_);
  if (takes_no_more || !release_held()) want_pause();
}

void Outbox::want_pause() {
  if (!wants_pause_.exchange(true) && options_.on_pressure) options_.on_pressure();
}

void Outbox::look_for_room() {
  if (!wants_pause_) return;
  const bool is_full = store_blocks() && is_above(kLowWater);
  const std::lock_guard lock(mutex_);
  if (is_full) {
    release_held();
    return;
  }
  bool any_full = false;
  for (StreamOutbox& stream : streams_) {
    stream.look_whether_full(shares_.reserve());
    any_full = any_full || stream.is_full() || (store_blocks() && stream.is_over_half_capacity());
  }
  if (any_full) return;
  wants_pause_ = false;
  room_.notify_all();
}

void Outbox::stop_waiting() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  room_.notify_all();
}

}  // namespace plotbridge::app
