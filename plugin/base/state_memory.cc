#include "plugin/base/state_memory.h"

#include <bit>

namespace plotbridge {

StateMemory::Entry::Entry(StateMemory& memory, Kind kind, std::uint64_t name)
    : memory_(memory),
      kind_(kind),
      part_(memory.part_of(*this, false)),
      first_heard_(memory.first_heard_.note(name, memory.now_)) {}

StateMemory::Entry::~Entry() {
  if (memory_.held_ == this) memory_.held_ = nullptr;
  memory_.release(*this, bytes_);
  if (is_established()) memory_.make_new(*this);  // no longer counted among them
  memory_.parts_[part_].remove(*this);
}

std::uint64_t StateMemory::evictions() const {
  std::uint64_t sum = 0;
  for (const Kind kind : {Kind::kTopic, Kind::kEdgeNode, Kind::kDevice, Kind::kMetric}) {
    sum += evictions(kind);
  }
  return sum;
}

void StateMemory::touch(Entry& entry) {
  entry.heard_ = now_;
  const bool is_due = !entry.is_established() && now_ - entry.first_heard_ >= kEstablishedAfter;
  if (is_due && make_way(entry, entry.bytes_)) return move(entry, part_of(entry, true));
  parts_[entry.part_].touch(entry);
}

bool StateMemory::reserve(Entry& entry, std::size_t bytes) {
  touch(entry);
  if (bytes > limit_ / 2 || entry.bytes_ + bytes > limit_ / 2) return false;
  const std::size_t wanted = entry.bytes_ + bytes;
  if (entry.is_established() && !make_way(entry, wanted)) {
    // Of one that comes back nothing is counted yet: it is as good as a new one.
    if (entry.bytes_ > 0 && used() + bytes > limit_) return false;
    make_new(entry);
  }
  if (!entry.is_established() && kept_beside(entry) + wanted > limit_) return false;
  // There is enough to forget: beside a new one `kept_beside` stays, beside an established one
  // three quarters and the one that is held, which has a sixteenth.
  while (used() + bytes > limit_) forget_one(entry);
  resize(entry, wanted);
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

std::uint8_t StateMemory::part_of(const Entry& entry, bool established) const {
  if (entry.kind_ == Kind::kTopic) return established ? kTopics : kNewTopics;
  if (!established) return kNewNodes;
  return static_cast<std::uint8_t>(kNodes + std::bit_width(entry.bytes_));
}

std::size_t StateMemory::kept_beside(const Entry& entry) const {
  const bool beside_held = held_ != nullptr && held_ != &entry && !held_->is_established();
  return established_bytes_ + (beside_held ? held_->bytes_ : 0);
}

bool StateMemory::make_way(const Entry& entry, std::size_t bytes) {
  const bool is_topic = entry.kind_ == Kind::kTopic;
  const std::size_t more = entry.is_established() ? bytes - entry.bytes_ : bytes;
  while (established_bytes_ + more > most_established()) {
    // Topics are small (`most_held`): they have no shares.
    const std::size_t nodes = established_nodes_ + (entry.is_established() ? 0 : 1);
    const std::size_t share = is_topic ? limit_ : most_established() / nodes;
    const auto may_go = [&](const Entry* other) {
      return other != nullptr && (bytes <= share || now_ - other->heard_ >= kSilentAfter);
    };
    Entry* other = parts_[kTopics].oldest();
    if (is_topic && (other == nullptr || other == &entry)) return false;
    // One that has its share at most finds a node in any case: another has more.
    if (!may_go(other)) other = oldest_node(share / 2, entry);
    if (!may_go(other)) return false;
    ++visits_;
    make_new(*other);
  }
  return true;
}

// Of `least_bytes`, or up to a half less.
StateMemory::Entry* StateMemory::oldest_node(std::size_t least_bytes, const Entry& except) {
  Entry* oldest = nullptr;
  for (std::size_t part = kEnd - 1; part >= kNodes + std::bit_width(least_bytes); --part) {
    Entry* candidate = parts_[part].oldest();
    if (candidate == nullptr || candidate == &except) continue;  // it is heard now: it is alone
    if (oldest == nullptr || candidate->heard_ < oldest->heard_) oldest = candidate;
  }
  return oldest;
}

void StateMemory::move(Entry& entry, std::uint8_t part) {
  const auto count = [&](std::size_t one, std::size_t bytes) {
    if (!entry.is_established()) return;
    established_bytes_ += bytes;
    if (entry.kind_ != Kind::kTopic) established_nodes_ += one;
  };
  parts_[entry.part_].remove(entry);
  count(std::size_t{0} - 1, std::size_t{0} - entry.bytes_);
  entry.part_ = part;
  count(1, entry.bytes_);
  parts_[part].touch(entry);
}

void StateMemory::resize(Entry& entry, std::size_t bytes) {
  const bool established = entry.is_established();
  if (established) established_bytes_ += bytes - entry.bytes_;
  entry.bytes_ = bytes;
  if (established && entry.part_ != part_of(entry, true)) move(entry, part_of(entry, true));
}

void StateMemory::forget_one(const Entry& except) {
  for (const Part part : {kNewTopics, kNewNodes}) {
    Entry* victim = parts_[part].oldest();
    ++visits_;
    while (victim == &except || (victim != nullptr && victim == held_)) victim = victim->newer;
    if (victim == nullptr) continue;
    count_eviction(victim->kind_);
    return victim->forget();
  }
}

}  // namespace plotbridge
