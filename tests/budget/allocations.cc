#include "tests/budget/allocations.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

plotbridge::Allocations allocations;

void* allocate(std::size_t size) {
  void* const block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  allocations.held += malloc_usable_size(block);
  allocations.most = std::max(allocations.most, allocations.held);
  return block;
}

void release(void* block) {
  if (block != nullptr) allocations.held -= malloc_usable_size(block);
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }

namespace plotbridge {

Allocations allocations_since_last_call() {
  return std::exchange(allocations, {allocations.held, allocations.held});
}

}  // namespace plotbridge
