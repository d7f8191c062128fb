#include "tests/support/heap/heap_count.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kBlockHead = 8;
std::atomic<std::size_t> in_use{0};
std::atomic<std::uint64_t> blocks{0};

void* allocate(std::size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  in_use += malloc_usable_size(block) + kBlockHead;
  ++blocks;
  return block;
}

void release(void* block) {
  if (block == nullptr) return;
  in_use -= malloc_usable_size(block) + kBlockHead;
  std::free(block);
}

}  // namespace

namespace plotbridge::testing {

std::size_t heap_in_use() { return in_use; }
std::uint64_t heap_blocks() { return blocks; }

}  // namespace plotbridge::testing

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
