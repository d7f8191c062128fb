// Lines that have arrived at an endpoint that does not wait for its disk: they stay in the store
// until the endpoint's system has surely written them back, and go when that time is over or the
// store needs room. Not responsible for: the store, locking. Pure; one thread (or lock) at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"

#include <chrono>
#include <cstddef>
#include <deque>
#include <unordered_map>
#include <utility>

namespace plotbridge::queue {

class ArrivalHold {
 public:
  /// Linux writes dirty pages back within 35 s by default (dirty_expire_centisecs and
  /// dirty_writeback_centisecs); the rest is for the disk.
  static constexpr Duration kHold = std::chrono::seconds(60);
  /// What arrives within so long goes together, so that there are few entries whatever the rate.
  static constexpr Duration kSlice = std::chrono::seconds(5);

  bool empty() const { return slices_.empty(); }
  void add(std::size_t stream, OffsetRange offsets, TimePoint now) {
    if (slices_.empty() || now - slices_.back().begun >= kSlice) slices_.push_back({now, {}});
    slices_.back().offsets[stream].add(offsets);
  }
  /// Calls `release(stream, offsets)` for all whose time is over.
  template <class Release>
  void release_due(TimePoint now, const Release& release) {
    while (!slices_.empty() && now - slices_.front().begun >= kHold + kSlice) {
      release_oldest(release);
    }
  }
  /// The same for some of the oldest, for the sake of room. False: there are none.
  template <class Release>
  bool release_oldest(const Release& release) {
    if (slices_.empty()) return false;
    const Slice oldest = std::move(slices_.front());
    slices_.pop_front();
    for (const auto& [stream, set] : oldest.offsets) {
      for (const OffsetRange& range : set.ranges()) release(stream, range);
    }
    return true;
  }

 private:
  struct Slice {
    TimePoint begun;
    std::unordered_map<std::size_t, RangeSet> offsets;  // by stream
  };
  std::deque<Slice> slices_;
};

}  // namespace plotbridge::queue
