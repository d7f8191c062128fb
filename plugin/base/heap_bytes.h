// What values cost the heap, as glibc counts it: 8 bytes before each block, in steps of 16, 32 at
// least. For memory whose size others choose. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge {

/// Of one block of `size` bytes.
constexpr std::size_t heap_bytes(std::size_t size) {
  if (size == 0) return 0;
  return std::max<std::size_t>(32, (size + 8 + 15) & ~std::size_t{15});
}

/// What `text` has beside itself.
inline std::size_t heap_bytes(const std::string& text) {
  return text.capacity() < sizeof(std::string) / 2 ? 0 : heap_bytes(text.capacity() + 1);
}

/// What a vector of values that have nothing beside themselves has.
template <class T>
std::size_t heap_bytes_flat(const std::vector<T>& values) {
  return heap_bytes(values.capacity() * sizeof(T));
}

inline std::size_t heap_bytes(const std::vector<std::string>& texts) {
  std::size_t bytes = heap_bytes_flat(texts);
  for (const std::string& text : texts) bytes += heap_bytes(text);
  return bytes;
}

/// One entry of a std::map (std::set: with `Value` alone) without what its texts have.
template <class... Value>
constexpr std::size_t tree_node_bytes() {
  return heap_bytes(32 + (sizeof(Value) + ...));
}

/// One entry of a std::unordered_map, its part of the buckets included: there may be
/// twice as many buckets as entries, and as many again while they grow.
template <class... Value>
constexpr std::size_t hash_node_bytes() {
  return heap_bytes(16 + (sizeof(Value) + ...)) + 16;
}

}  // namespace plotbridge
