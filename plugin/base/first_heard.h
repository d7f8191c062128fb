// When names were heard first that nobody remembers any more: a table of fixed size, in which newer
// names overwrite older ones by chance. What it gives is a hint: a name may be unknown too soon,
// and one of 32,000 is taken for another. Each call takes constant time. Not responsible for: what
// follows from it (state_memory). Pure: time comes in; one thread at a time.
#pragma once

#include "plugin/base/mixed_hash.h"
#include "plugin/base/time.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plotbridge {

class FirstHeard {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(250);

  /// Takes `bytes` at most, and one slot at least.
  explicit FirstHeard(std::size_t bytes)
      : slots_(std::bit_floor(std::max<std::size_t>(1, bytes / sizeof(std::uint32_t)))) {}

  /// `name` (a hash) is heard now. When it was heard first, at most two ticks late; now when the
  /// table does not know it.
  TimePoint note(std::uint64_t name, TimePoint now) {
    // Others choose the names: they must not choose the slots.
    const std::uint64_t bits = mixed_hash(name, reinterpret_cast<std::uintptr_t>(this));
    const auto tag = static_cast<std::uint16_t>((bits >> 48) | 1U);  // no slot in use is 0
    const auto tick = static_cast<std::uint16_t>(now.time_since_epoch() / kTick);
    std::uint32_t& slot = slots_[bits & (slots_.size() - 1)];
    if (slot >> 16 != tag) {
      slot = std::uint32_t{tag} << 16 | tick;
      return now;
    }
    const auto ago = static_cast<std::uint16_t>(tick - slot);
    return now - std::max(0, ago - 1) * kTick;
  }

 private:
  std::vector<std::uint32_t> slots_;  // each a tag and a tick
};

}  // namespace plotbridge
