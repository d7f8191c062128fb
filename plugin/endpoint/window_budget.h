// The bytes that all windows of an endpoint may hold together, so that a crowd of streams cannot
// eat the machine. Leaves to others: what is dropped when it is used up. One thread at a time.
#pragma once

#include <cstddef>

namespace plotbridge::endpoint {

class WindowBudget {
 public:
  explicit WindowBudget(std::size_t capacity) : capacity_(capacity) {}

  /// `before` bytes became `after` bytes.
  void move(std::size_t before, std::size_t after) { used_ = used_ - before + after; }
  bool exceeded() const { return used_ > capacity_; }
  std::size_t used() const { return used_; }

 private:
  std::size_t capacity_;
  std::size_t used_ = 0;
};

}  // namespace plotbridge::endpoint
