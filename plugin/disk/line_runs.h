// Which lines of a stream there are, and in which segment each of them is: runs of offsets without
// a hole, so that a million lines are a few numbers. Pure; one thread at a time.
#pragma once

#include "plugin/base/range_set.h"

#include <cstdint>
#include <functional>
#include <map>

namespace plotbridge::disk {

class LineRuns {
 public:
  struct Run {
    std::uint64_t end = 0;  // behind the last offset
    std::uint64_t segment = 0;
  };
  using Runs = std::map<std::uint64_t, Run>;  // by first offset
  /// Told how many lines of which segment went.
  using Gone = std::function<void(std::uint64_t segment, std::uint64_t lines)>;

  /// The line is in `segment`, and nowhere else any more. False: that was known.
  bool add(std::uint64_t offset, std::uint64_t segment, const Gone& gone);
  /// True: there were some.
  bool remove(OffsetRange offsets, const Gone& gone);

  bool empty() const { return runs_.empty(); }
  std::uint64_t lines() const { return lines_; }
  /// The oldest line; there must be one.
  std::uint64_t front() const { return runs_.begin()->first; }
  const Runs& runs() const { return runs_; }
  /// The first run with an offset from `offset` on.
  Runs::const_iterator from(std::uint64_t offset) const;
  bool contains(std::uint64_t offset) const;

 private:
  Runs runs_;
  std::uint64_t lines_ = 0;
};

}  // namespace plotbridge::disk
