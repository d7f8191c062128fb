// Which numbers the lines of a stream were given at the endpoint: runs of lines whose numbers count
// up with their ids, in the order in which they were handed out. Pure; one thread at a time.
#pragma once

#include "plugin/queue/line_store.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace plotbridge::queue {

class NumberRuns {
 public:
  NumberRuns() = default;
  explicit NumberRuns(std::vector<Numbering> runs) : runs_(std::move(runs)) {}

  /// What is told now holds from this number on: runs of these numbers are forgotten, and the one
  /// before ends here. With the number kNoNumber it only ends the newest run before this id.
  void add(const Numbering& numbering);

  bool empty() const { return runs_.empty(); }
  /// By number; all but the newest are as long as they were handed out.
  const std::vector<Numbering>& runs() const { return runs_; }
  /// Whether ids grow with the numbers.
  bool ascend() const;
  /// Forgets the runs with the smallest numbers that nobody wants, but never the newest.
  template <class Wants>
  void forget_unless(const Wants& wants) {
    std::size_t gone = 0;
    while (gone + 1 < runs_.size() && !wants(runs_[gone])) ++gone;
    forget_oldest(gone);
  }
  void clear() { std::vector<Numbering>().swap(runs_); }

 private:
  void forget_oldest(std::size_t runs);

  std::vector<Numbering> runs_;
};

}  // namespace plotbridge::queue
