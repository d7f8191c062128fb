// What the program has on the heap, counted by an operator new of its own, which belongs in a test
// program of its own: now, and at most since the last look. Any thread.
#pragma once

#include <cstddef>

namespace plotbridge {

struct Allocations {
  std::size_t held = 0;  // bytes, with what the heap needs for each block
  std::size_t most = 0;  // of `held` at a time
};

/// Since the last call of this.
Allocations allocations_since_last_call();

/// Once, the `nth` allocation from now throws std::bad_alloc (1: the next); 0: none does.
void fail_allocation(std::size_t nth);
/// Whether it has thrown.
bool allocation_failed();

}  // namespace plotbridge
