// Buffers that are kept to save allocations, and what they may keep: the memory of one unusual
// message goes back when that message is over. Any thread.
#pragma once

#include <cstddef>

namespace plotbridge {

/// What one buffer keeps from one message to the next.
inline constexpr std::size_t kKeptScratchBytes = std::size_t{16} << 10;

/// Frees the memory of a string or vector. Assigning an empty string would keep it.
template <class Buffer>
void free_memory(Buffer& buffer) {
  Buffer().swap(buffer);
}

/// Frees the memory of a string or vector that has grown past `kept`; its content goes with it.
template <class Buffer>
void trim_scratch(Buffer& buffer, std::size_t kept = kKeptScratchBytes) {
  if (buffer.capacity() * sizeof(typename Buffer::value_type) > kept) Buffer().swap(buffer);
}

/// Calls `end` when a scope is left, by an exception too.
template <class End>
class OnExit {
 public:
  explicit OnExit(End end) : end_(end) {}
  ~OnExit() { end_(); }
  OnExit(const OnExit&) = delete;
  OnExit& operator=(const OnExit&) = delete;

 private:
  End end_;
};

}  // namespace plotbridge
