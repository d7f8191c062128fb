// Lives of a simulation, one for each seed: PLOTBRIDGE_SEED=N runs that one alone and shows its
// log, PLOTBRIDGE_SEEDS=N so many of each kind. One thread.
#pragma once

#include "plugin/base/log.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <functional>

namespace plotbridge::test {

inline std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// `one_in`: of lives that take long, one for so many of the others.
inline void for_each_seed(std::uint64_t count, const std::function<void(std::uint64_t seed)>& live,
                          std::uint64_t one_in = 1) {
  log::configure(std::getenv("PLOTBRIDGE_SEED") != nullptr ? log::Level::kInfo : log::Level::kError,
                 log::Format::kText);
  const std::uint64_t only = number_from("PLOTBRIDGE_SEED", 0);
  count = number_from("PLOTBRIDGE_SEEDS", count) / one_in;
  for (std::uint64_t seed = only != 0 ? only : 1; seed <= (only != 0 ? only : count); ++seed) {
    live(seed);
    if (testing::Test::HasFailure()) {
      FAIL() << "seed " << seed << ": PLOTBRIDGE_SEED=" << seed << " runs it again";
    }
  }
}

}  // namespace plotbridge::test
