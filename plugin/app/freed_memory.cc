#include "plugin/app/freed_memory.h"

#include <malloc.h>

namespace plotbridge::app {

void keep_little_freed_memory() {
#ifdef __GLIBC__
  // Set by hand, the thresholds do not grow with what is freed. Larger blocks are mapped one by
  // one, which costs less than filling them.
  constexpr int kMapped = 256 << 10;
  constexpr int kKeptAtTheEnd = 512 << 10;
  mallopt(M_MMAP_THRESHOLD, kMapped);
  mallopt(M_TRIM_THRESHOLD, kKeptAtTheEnd);
#endif
}

void give_freed_memory_back() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace plotbridge::app
