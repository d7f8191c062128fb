// A number or hash that others chose, mixed with a salt that they do not know, so that they cannot
// choose buckets. Pure; any thread.
#pragma once

#include <cstdint>

namespace plotbridge {

constexpr std::uint64_t mixed_hash(std::uint64_t value, std::uint64_t salt) {
  value += salt;  // splitmix64
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31);
}

}  // namespace plotbridge
