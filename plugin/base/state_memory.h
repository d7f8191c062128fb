// The one byte budget of all that is remembered because publishers chose names: cached topics and
// Sparkplug edge nodes with their devices and metrics. Its policy:
// - A name is new until it is heard again a second or more after it was heard first; then it is
//   established.
// - When the memory is full, new names go: topics before edge nodes, the one heard least recently
//   first. So what is heard once, however much of it, never costs an established name anything.
// - Established names have three quarters of the memory at most, those with more than a sixteenth
//   each half of it. Beyond that the one heard least recently counts as new until it is heard. So a
//   quarter is always there for new names, and a few large ones do not push out the many.
// - When names were heard first is known for longer than they are (first_heard): one that is heard
//   every few seconds becomes established although others push it out in between.
// One entry has half of the memory at most. Each operation takes constant time for each entry that
// it forgets or makes new again. Not responsible for: what entries hold, and counting it
// (heap_bytes). `used`, `limit` and `evictions` may be called from any thread, the rest belongs to
// one.
#pragma once

#include "plugin/base/first_heard.h"
#include "plugin/base/recency_list.h"
#include "plugin/base/time.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge {

class StateMemory {
 public:
  /// What is forgotten. `kSeries` is not, but counts points for which what a route keeps of their
  /// metric, its deadband above all, has no room.
  enum class Kind : std::uint8_t { kTopic, kEdgeNode, kDevice, kMetric, kSeries };
  static constexpr std::array<std::string_view, 5> kKindTexts{"topic", "edge_node", "device",
                                                              "metric", "series"};
  /// What is heard twice within this time may be one thing that was invented.
  static constexpr Duration kEstablishedAfter = std::chrono::seconds(1);

  /// Something that is forgotten as a whole.
  class Entry {
   public:
    /// `name` is a hash of what it is called.
    Entry(StateMemory& memory, Kind kind, std::uint64_t name);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry();

    std::size_t bytes() const { return bytes_; }
    bool is_established() const { return part_ >= kSmall; }

    Entry* newer = nullptr;
    Entry* older = nullptr;

   private:
    friend class StateMemory;
    /// Destroys this entry.
    virtual void forget() = 0;

    StateMemory& memory_;
    Kind kind_;
    std::uint8_t part_;
    std::size_t bytes_ = 0;
    std::uint64_t growth_ = 0;  // of the memory, when this one was heard last
    TimePoint first_heard_;
  };

  /// Beside the limit a sixty-fourth of it is used for `first_heard`.
  explicit StateMemory(std::size_t limit) : limit_(limit), first_heard_(limit / 64) {}
  StateMemory(const StateMemory&) = delete;
  StateMemory& operator=(const StateMemory&) = delete;

  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t evictions(Kind kind) const {
    return evictions_[static_cast<std::size_t>(kind)].load(std::memory_order_relaxed);
  }
  std::uint64_t evictions() const;  // of all that was forgotten

  /// A message begins.
  void set_time(TimePoint now) { now_ = now; }
  /// `entry` was heard now.
  void touch(Entry& entry) {
    // While nothing grows the order does not matter, and stays.
    if (entry.growth_ != growth_ || must_establish(entry)) hear(entry);
  }

  /// `entry` is not forgotten, whatever grows, until this is called again. Null: none. It has a
  /// sixteenth at most.
  void hold(Entry* entry) { in_use_ = entry; }

  /// Beyond this an entry counts as large.
  std::size_t small_bytes() const { return limit_ / 16; }

  /// Counts `bytes` more for `entry`, which is heard now and for which others are forgotten. False:
  /// it would be more than one entry may have, or a new one would need what established ones have;
  /// then nothing is counted or forgotten.
  bool reserve(Entry& entry, std::size_t bytes);
  void release(Entry& entry, std::size_t bytes);
  /// Whether `entry` is new, and may have more once it is established.
  bool is_short(const Entry& entry) const {
    return !entry.is_established() && kept_beside(entry) > limit_ - limit_ / 2;
  }

  /// One of `kind` was forgotten in favour of others, or a point of a series had no room.
  void count_eviction(Kind kind);

  /// Entries that were looked at one by one so far: tests hold the cost against it.
  std::uint64_t visits() const { return visits_; }

 private:
  // In the order in which they give room; the first two are of new names.
  enum PartName : std::uint8_t { kNewTopics, kNewNodes, kSmall, kLarge };
  struct Part {
    RecencyList<Entry> order;
    std::size_t bytes = 0;
  };

  bool must_establish(const Entry& entry) const {
    return !entry.is_established() && now_ - entry.first_heard_ >= kEstablishedAfter;
  }
  static PartName new_part(Kind kind) { return kind == Kind::kTopic ? kNewTopics : kNewNodes; }
  std::size_t established_bytes() const { return parts_[kSmall].bytes + parts_[kLarge].bytes; }
  bool has_room(const Entry& entry, std::size_t bytes) const;
  /// What is not forgotten for a new `entry`.
  std::size_t kept_beside(const Entry& entry) const;
  void hear(Entry& entry);
  void move(Entry& entry, PartName part);
  void resize(Entry& entry, std::size_t bytes);
  /// Makes established names new again until they are within their parts.
  void keep_parts();
  void demote_oldest(PartName part);
  bool forget_one(const Entry& except);

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::array<std::atomic<std::uint64_t>, kKindTexts.size()> evictions_{};
  std::array<Part, 4> parts_;
  FirstHeard first_heard_;
  TimePoint now_{};
  std::uint64_t growth_ = 1;
  std::uint64_t visits_ = 0;
  Entry* in_use_ = nullptr;
};

}  // namespace plotbridge
