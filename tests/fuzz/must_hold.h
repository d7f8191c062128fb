// What a fuzzer calls when something that must hold does not: ends the program where the fuzzer
// sees it.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace plotbridge {

inline void must_hold(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace plotbridge
