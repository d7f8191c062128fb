// What the main thread does while the others work: waits for signals, for a nudge from another
// thread, and for the next thing that is due. Main thread; `nudge` from any.
#pragma once

#include "plugin/app/signals.h"
#include "plugin/base/time.h"

#include <functional>

namespace plotbridge::app {

class MainLoop {
 public:
  MainLoop();
  ~MainLoop();
  MainLoop(const MainLoop&) = delete;
  MainLoop& operator=(const MainLoop&) = delete;

  /// Calls `on_turn` now, at the time it answers and after each nudge, until SIGTERM or SIGINT
  /// comes; and `on_reload` for each SIGHUP.
  void run_until_stopped(const std::function<TimePoint(TimePoint now)>& on_turn,
                         const std::function<void()>& on_reload);
  void nudge();

  /// From now on a second SIGTERM or SIGINT ends the program at once.
  void stop_hard_on_next_signal();

 private:
  Signals signals_;
  int nudges_;
};

}  // namespace plotbridge::app
