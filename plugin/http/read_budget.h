// The bytes that clients who are not done yet may make a server hold, all of them together: bodies
// being read, lines without an end. Leaves to others: what to tell who finds no room. Loop thread,
// but `used` any.
#pragma once

#include <atomic>
#include <cstddef>

namespace plotbridge::http {

class ReadBudget {
 public:
  explicit ReadBudget(std::size_t capacity) : capacity_(capacity) {}

  /// What one client holds; given back at its end.
  class Share {
   public:
    /// `budget` outlives the share; null: anything goes.
    explicit Share(ReadBudget* budget) : budget_(budget) {}
    ~Share() { hold(0); }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// It holds so many bytes now. False: there is no room for more, and it holds what it held.
    bool hold(std::size_t bytes) {
      if (budget_ == nullptr) return true;
      const std::size_t others = budget_->used() - held_;
      if (bytes > held_ && others + bytes > budget_->capacity_) return false;
      budget_->used_.store(others + bytes, std::memory_order_relaxed);
      held_ = bytes;
      return true;
    }

   private:
    ReadBudget* budget_;
    std::size_t held_ = 0;
  };

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  std::size_t capacity_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace plotbridge::http
