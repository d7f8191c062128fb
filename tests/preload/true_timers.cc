// Preloaded before libfaketime, which takes the time of every absolute timer for one of the wall
// clock, and shifts it: a timer that is due at once then never fires, though its clock only goes
// on.
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

extern "C" int timerfd_settime(int file, int flags, const itimerspec* next,
                               itimerspec* before) noexcept {
  return static_cast<int>(syscall(SYS_timerfd_settime, file, flags, next, before));
}
