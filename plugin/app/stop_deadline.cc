#include "plugin/app/stop_deadline.h"

#include "plugin/app/exit_code.h"
#include "plugin/base/log.h"

#include <unistd.h>

namespace plotbridge::app {

StopDeadline::StopDeadline(Duration patience) {
  thread_ = std::thread([this, patience] {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, patience, [this] { return over_; })) return;
    log::error("plotbridge ends without waiting any longer",
               {{"why", "a disk stalls, or a thread does not come to its end"},
                {"action", "what was acknowledged to the broker is in the spool, if there is one"},
                {"hint", "look at the disk of spool.directory and server.state"}});
    log::flush();
    // Destructors would wait for the same disk.
    ::_exit(kExitUnavailable);
  });
}

StopDeadline::~StopDeadline() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

}  // namespace plotbridge::app
