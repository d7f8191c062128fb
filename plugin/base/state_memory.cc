#include "plugin/base/state_memory.h"

namespace plotbridge {

StateMemory::Entry::Entry(StateMemory& memory, Kind kind, std::uint64_t name)
    : memory_(memory),
      kind_(kind),
      part_(new_part(kind)),
      first_heard_(memory.first_heard_.note(name, memory.now_)) {}

StateMemory::Entry::~Entry() {
  if (memory_.in_use_ == this) memory_.in_use_ = nullptr;
  memory_.release(*this, bytes_);
  memory_.parts_[part_].order.remove(*this);
}

std::uint64_t StateMemory::evictions() const {
  std::uint64_t sum = 0;
  for (const Kind kind : {Kind::kTopic, Kind::kEdgeNode, Kind::kDevice, Kind::kMetric}) {
    sum += evictions(kind);
  }
  return sum;
}

bool StateMemory::has_room(const Entry& entry, std::size_t bytes) const {
  if (bytes > limit_ / 2 || entry.bytes_ + bytes > limit_ / 2) return false;
  return entry.is_established() || kept_beside(entry) + entry.bytes_ + bytes <= limit_;
}

std::size_t StateMemory::kept_beside(const Entry& entry) const {
  const bool beside_held = in_use_ != nullptr && in_use_ != &entry && !in_use_->is_established();
  return established_bytes() + (beside_held ? in_use_->bytes_ : 0);
}

bool StateMemory::reserve(Entry& entry, std::size_t bytes) {
  ++growth_;
  hear(entry);
  if (!has_room(entry, bytes)) return false;
  resize(entry, entry.bytes_ + bytes);
  keep_parts();
  while (used() + bytes > limit_) {
    if (forget_one(entry)) continue;
    resize(entry, entry.bytes_ - bytes);
    return false;
  }
  used_.store(used() + bytes, std::memory_order_relaxed);
  return true;
}

void StateMemory::release(Entry& entry, std::size_t bytes) {
  resize(entry, entry.bytes_ - bytes);
  used_.store(used() - bytes, std::memory_order_relaxed);
}

void StateMemory::count_eviction(Kind kind) {
  std::atomic<std::uint64_t>& count = evictions_[static_cast<std::size_t>(kind)];
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void StateMemory::hear(Entry& entry) {
  entry.growth_ = growth_;
  if (!must_establish(entry)) return parts_[entry.part_].order.touch(entry);
  move(entry, entry.bytes_ > small_bytes() ? kLarge : kSmall);
  keep_parts();
}

void StateMemory::move(Entry& entry, PartName part) {
  parts_[entry.part_].order.remove(entry);
  parts_[entry.part_].bytes -= entry.bytes_;
  entry.part_ = part;
  parts_[part].bytes += entry.bytes_;
  parts_[part].order.touch(entry);
}

void StateMemory::resize(Entry& entry, std::size_t bytes) {
  parts_[entry.part_].bytes += bytes;
  parts_[entry.part_].bytes -= entry.bytes_;
  entry.bytes_ = bytes;
  const PartName part = bytes > small_bytes() ? kLarge : kSmall;
  if (entry.is_established() && entry.part_ != part) move(entry, part);
}

void StateMemory::keep_parts() {
  while (parts_[kLarge].bytes > limit_ / 2) demote_oldest(kLarge);
  while (established_bytes() > limit_ / 4 * 3) {
    const Entry* small = parts_[kSmall].order.oldest();
    const Entry* large = parts_[kLarge].order.oldest();
    const bool take_large =
        small == nullptr || (large != nullptr && large->growth_ < small->growth_);
    demote_oldest(take_large ? kLarge : kSmall);
  }
}

void StateMemory::demote_oldest(PartName part) {
  ++visits_;
  Entry& oldest = *parts_[part].order.oldest();
  move(oldest, new_part(oldest.kind_));
}

bool StateMemory::forget_one(const Entry& except) {
  for (const PartName part : {kNewTopics, kNewNodes}) {
    Entry* victim = parts_[part].order.oldest();
    ++visits_;
    while (victim == &except || (victim != nullptr && victim == in_use_)) victim = victim->newer;
    if (victim == nullptr) continue;
    count_eviction(victim->kind_);
    victim->forget();
    return true;
  }
  return false;
}

}  // namespace plotbridge
