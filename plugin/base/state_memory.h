// The one byte budget of all that is remembered because publishers chose names: cached topics and
// Sparkplug edge nodes with their devices and metrics. Its policy:
// - A name is new until it is heard again a second or more after it was heard first; then it is
//   established. When the memory is full, new names go, topics before edge nodes: the one that was
//   heard, or made new again, least recently first.
// - Established names have three quarters of it at most. Beyond that the one heard least recently
//   is new again, topics before edge nodes; but never an edge node that has less than a quarter of
//   an equal share of the three quarters.
// - An edge node that wants more than an equal share takes it only from names that were silent for
//   a minute. Else it may use what is free, and then counts as new; when nothing is free it has no
//   more (`reserve`).
// So neither what is heard once nor what grows costs an established edge node of less than a
// quarter of an equal share anything, and a quarter is always there for new names.
//
// When names were heard first is known for longer than they are (first_heard): one that is heard
// every few seconds becomes established although others push it out in between. One entry has half
// of the memory at most. Each operation takes constant time for each entry that it forgets or makes
// new again. Not responsible for: what entries hold, and counting it (heap_bytes). `used`, `limit`
// and `evictions` may be called from any thread, the rest belongs to one.
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
  static constexpr Duration kSilentAfter = std::chrono::minutes(1);

  /// Something that is forgotten as a whole.
  class Entry {
   public:
    /// `name` is a hash of what it is called.
    Entry(StateMemory& memory, Kind kind, std::uint64_t name);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry();

    std::size_t bytes() const { return bytes_; }
    bool is_established() const { return part_ >= kTopics; }

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
    TimePoint first_heard_;
    TimePoint heard_{};  // last
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
  void touch(Entry& entry);

  /// `entry` is not forgotten, whatever grows, until this is called again. Null: none. It has
  /// `most_held` at most.
  void hold(Entry* entry) { held_ = entry; }
  std::size_t most_held() const { return limit_ / 16; }

  /// Counts `bytes` more for `entry`, which is heard now and for which others are forgotten. False:
  /// it would be more than it may have; then nothing is counted or forgotten.
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
  // Edge nodes that are established have a part for each size: up to the next power of two.
  enum Part : std::uint8_t { kNewTopics, kNewNodes, kTopics, kNodes, kEnd = kNodes + 65 };

  std::uint8_t part_of(const Entry& entry, bool established) const;
  std::size_t most_established() const { return limit_ / 4 * 3; }
  /// What is not forgotten for a new `entry`.
  std::size_t kept_beside(const Entry& entry) const;
  /// Makes established names new again until `entry` may be one with `bytes`. False: it may not.
  bool make_way(const Entry& entry, std::size_t bytes);
  Entry* oldest_node(std::size_t least_bytes, const Entry& except);
  void move(Entry& entry, std::uint8_t part);
  void make_new(Entry& entry) { move(entry, part_of(entry, false)); }
  void resize(Entry& entry, std::size_t bytes);
  void forget_one(const Entry& except);

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::array<std::atomic<std::uint64_t>, kKindTexts.size()> evictions_{};
  std::array<RecencyList<Entry>, kEnd> parts_;
  std::size_t established_bytes_ = 0;
  std::size_t established_nodes_ = 0;
  FirstHeard first_heard_;
  TimePoint now_{};
  std::uint64_t visits_ = 0;
  Entry* held_ = nullptr;
};

}  // namespace plotbridge
