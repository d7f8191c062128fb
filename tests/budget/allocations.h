// What this program holds in memory by `operator new`, which is its own here: now, and at most
// since the last look. One thread.
#pragma once

#include <cstddef>

namespace plotbridge {

struct Allocations {
  std::size_t held = 0;  // bytes
  std::size_t most = 0;  // bytes at a time
};

/// Since the last call of this.
Allocations allocations_since_last_call();

}  // namespace plotbridge
