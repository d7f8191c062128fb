#include "tests/support/heap/allocations.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kBlockHead = 8;
std::atomic<std::size_t> held{0};
std::atomic<std::size_t> most{0};
std::atomic<std::size_t> until_failure{0};
std::atomic<bool> has_failed{false};

void* allocate_or_null(std::size_t size) noexcept {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) return nullptr;
  const std::size_t taken = malloc_usable_size(block) + kBlockHead;
  const std::size_t now = held.fetch_add(taken) + taken;
  std::size_t before = most;
  while (before < now && !most.compare_exchange_weak(before, now)) {
  }
  return block;
}

void* allocate(std::size_t size) {
  if (until_failure != 0 && --until_failure == 0) {
    has_failed = true;
    throw std::bad_alloc();
  }
  void* const block = allocate_or_null(size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void release(void* block) noexcept {
  if (block == nullptr) return;
  held -= malloc_usable_size(block) + kBlockHead;
  std::free(block);
}

}  // namespace

// A sanitizer brings all of these. One that is left to it gives blocks that our delete must not
// end.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate_or_null(size);
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

namespace plotbridge {

Allocations allocations_since_last_call() {
  const std::size_t now = held;
  return {now, most.exchange(now)};
}

void fail_allocation(std::size_t nth) {
  has_failed = false;
  until_failure = nth;
}

bool allocation_failed() { return has_failed; }

}  // namespace plotbridge
