// The bytes that all queues together may hold. Leaves to others: what to do when there is no room.
// The thread (or lock) that owns the queues.
#pragma once

#include <cstddef>

namespace plotbridge::queue {

class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t capacity) : capacity_(capacity) {}

  bool has_room_for(std::size_t bytes) const {
    // What has to go on may have taken more than there is.
    return used_ <= capacity_ && bytes <= capacity_ - used_;
  }
  void take(std::size_t bytes) { used_ += bytes; }
  void give_back(std::size_t bytes) { used_ -= bytes; }

  std::size_t used() const { return used_; }
  std::size_t capacity() const { return capacity_; }

 private:
  std::size_t capacity_;
  std::size_t used_ = 0;
};

}  // namespace plotbridge::queue
