// The one byte budget of all that is remembered because publishers chose names: cached topics and
// Sparkplug edge nodes with their devices and metrics. When it is full, what was heard least
// recently is forgotten. What large entries have beyond a sixteenth each may be half of it
// together: few that are heard all the time must not push out the many. Each operation takes
// constant time for each entry that it forgets. Not responsible for: what entries hold, and
// counting it (heap_bytes). `used`, `limit` and `evictions` may be called from any thread, the rest
// belongs to one.
#pragma once

#include "plugin/base/recency_list.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge {

class StateMemory {
 public:
  /// What is forgotten.
  enum class Kind : std::uint8_t { kTopic, kEdgeNode, kDevice, kMetric };
  static constexpr std::array<std::string_view, 4> kKindTexts{"topic", "edge_node", "device",
                                                              "metric"};

  /// Something that is forgotten as a whole.
  class Entry {
   public:
    Entry(StateMemory& memory, Kind kind) : memory_(memory), kind_(kind) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() {
      if (memory_.in_use_ == this) memory_.in_use_ = nullptr;
      memory_.entries_.remove(*this);
      memory_.release(*this, bytes_);
    }

    std::size_t bytes() const { return bytes_; }

    Entry* newer = nullptr;
    Entry* older = nullptr;

   private:
    friend class StateMemory;
    /// Destroys this entry.
    virtual void forget() = 0;

    StateMemory& memory_;
    Kind kind_;
    std::size_t bytes_ = 0;
    std::uint64_t growth_ = 0;  // of the memory, when this one was heard last
  };

  explicit StateMemory(std::size_t limit) : limit_(limit) {}
  StateMemory(const StateMemory&) = delete;
  StateMemory& operator=(const StateMemory&) = delete;

  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t evictions(Kind kind) const {
    return evictions_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }

  /// `entry` was heard now. While nothing grows the order does not matter, and stays.
  void touch(Entry& entry) {
    if (entry.growth_ == growth_) return;
    entry.growth_ = growth_;
    entries_.touch(entry);
  }

  /// `entry` is not forgotten, whatever grows, until this is called again. Null: none.
  void hold(Entry* entry) { in_use_ = entry; }

  /// What one entry may have before the rest counts as `excess`.
  std::size_t small_bytes() const { return limit_ / 16; }

  /// Counts `bytes` more for `entry`, for which others are forgotten, those that were heard least
  /// recently first. False: it alone, with what is held, would be more than the limit; then nothing
  /// is counted.
  bool reserve(Entry& entry, std::size_t bytes) {
    if (bytes > limit_ - entry.bytes_) return false;
    const std::size_t excess = excess_ - excess_of(entry.bytes_) + excess_of(entry.bytes_ + bytes);
    if (excess > limit_ / 2) return false;
    ++growth_;
    touch(entry);
    Entry* victim = entries_.oldest();
    while (bytes > limit_ - used()) {
      while (victim == &entry || (victim != nullptr && victim == in_use_)) victim = victim->newer;
      if (victim == nullptr) return false;
      Entry* next = victim->newer;
      count_eviction(victim->kind_);
      victim->forget();
      victim = next;
    }
    set(entry, entry.bytes_ + bytes);
    return true;
  }

  void release(Entry& entry, std::size_t bytes) { set(entry, entry.bytes_ - bytes); }

  /// One of `kind` was forgotten in favour of others.
  void count_eviction(Kind kind) {
    std::atomic<std::uint64_t>& count = evictions_[static_cast<std::size_t>(kind)];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

 private:
  std::size_t excess_of(std::size_t bytes) const {
    return bytes > small_bytes() ? bytes - small_bytes() : 0;
  }
  void set(Entry& entry, std::size_t bytes) {
    excess_ += excess_of(bytes);
    excess_ -= excess_of(entry.bytes_);
    used_.store(used() + bytes - entry.bytes_, std::memory_order_relaxed);
    entry.bytes_ = bytes;
  }

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::array<std::atomic<std::uint64_t>, kKindTexts.size()> evictions_{};
  std::size_t excess_ = 0;
  std::uint64_t growth_ = 1;
  RecencyList<Entry> entries_;
  Entry* in_use_ = nullptr;
};

}  // namespace plotbridge
