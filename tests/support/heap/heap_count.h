// What the program has on the heap, counted by an operator new of its own, for tests that hold an
// estimate against it. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace plotbridge::testing {

/// Bytes of all blocks that are in use, with what the heap needs for each.
std::size_t heap_in_use();
/// Blocks that were asked for so far.
std::uint64_t heap_blocks();

}  // namespace plotbridge::testing
