// Preloaded before libfaketime, which shifts the due time of every absolute timer as if it were of
// the wall clock. The timers here are of the monotonic clock, which is not faked: shifted, they
// would fire late or never. This calls the kernel directly.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

extern "C" int timerfd_settime(int file, int flags, const itimerspec* next,
                               itimerspec* before) noexcept {
  return static_cast<int>(syscall(SYS_timerfd_settime, file, flags, next, before));
}
