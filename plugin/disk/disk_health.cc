#include "plugin/disk/disk_health.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <cerrno>
#include <chrono>
#include <cstring>

namespace plotbridge::disk {
namespace {

const char* advice(int why) {
  switch (why) {
    case ENOSPC:
    case EDQUOT:
      return "make room on this disk, or give spool.capacity what there is";
    case EROFS:
    case EACCES:
    case EPERM:
      return "make spool.directory writable for this user";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files";
    default:
      return "look at the disk: dmesg, smartctl";
  }
}

}  // namespace

bool DiskHealth::may_try() const { return !is_degraded() || steady_now() >= try_again_; }

void DiskHealth::failed(std::string_view what) {
  const int why = errno;
  try_again_ = steady_now() + pause_;
  if (degraded_.exchange(true)) return;
  log::error("the spool cannot be written: lines are in memory only until it can",
             {{"directory", directory_},
              {"what", what},
              {"why", std::strerror(why)},
              {"hint", advice(why)}});
}

void DiskHealth::recover() {
  degraded_ = false;
  log::info("the spool is written again", {{"directory", directory_}});
}

}  // namespace plotbridge::disk
