// Who of all streams gives lines up, or leaves them to the store alone, when their memory is full:
// not who happens to get a line, but who is furthest over the part that each stream has in any
// case. Costs: the logarithm of the streams that are over theirs. Leaves to others: what is given
// up. One thread (or lock) at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace plotbridge::queue {

class MemoryShares {
 public:
  /// `capacity`: bytes of all streams together; half of it is what they have in any case, in equal
  /// parts.
  MemoryShares(std::size_t capacity, std::size_t streams)
      : capacity_(capacity), reserve_(streams == 0 ? 0 : capacity / streams / 2), of_(streams) {}

  /// What the lines of a stream take now.
  void set(std::size_t stream, std::size_t bytes) {
    std::size_t& of = of_[stream];
    if (of == bytes) return;
    if (of > reserve_) over_.erase({of, stream});
    used_ = used_ - of + bytes;
    of = bytes;
    if (of > reserve_) over_.emplace(of, stream);
  }
  bool is_over() const { return used_ > capacity_; }
  /// The first stream of which `does(stream)` is true, of those that are over their reserve, the
  /// one that is furthest over it first. `does` may not change shares, unless it says true.
  /// Nothing: there is none.
  template <class Does>
  std::optional<std::size_t> find_over(const Does& does) const {
    for (auto over = over_.rbegin(); over != over_.rend(); ++over) {
      const std::size_t stream = over->second;
      if (does(stream)) return stream;
    }
    return std::nullopt;
  }

  std::size_t used() const { return used_; }
  std::size_t reserve() const { return reserve_; }

 private:
  std::size_t capacity_;
  std::size_t reserve_;
  std::size_t used_ = 0;
  std::vector<std::size_t> of_;
  std::set<std::pair<std::size_t, std::size_t>> over_;  // bytes and stream
};

}  // namespace plotbridge::queue
