#include "plugin/app/main_loop.h"

#include "plugin/base/clock.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>

namespace plotbridge::app {
namespace {

int milliseconds_until(TimePoint due) {
  if (due == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - steady_now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

MainLoop::MainLoop() : nudges_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

MainLoop::~MainLoop() { ::close(nudges_); }

void MainLoop::run_until_stopped(const std::function<TimePoint(TimePoint now)>& on_turn,
                                 const std::function<void()>& on_reload) {
  while (true) {
    pollfd wanted[] = {{signals_.descriptor(), POLLIN, 0}, {nudges_, POLLIN, 0}};
    ::poll(wanted, 2, milliseconds_until(on_turn(steady_now())));
    std::uint64_t ignored = 0;
    [[maybe_unused]] const auto bytes = ::read(nudges_, &ignored, sizeof ignored);
    while (const int number = signals_.next()) {
      if (number != SIGHUP) return;
      on_reload();
    }
  }
}

void MainLoop::nudge() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto bytes = ::write(nudges_, &one, sizeof one);
}

void MainLoop::stop_hard_on_next_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace plotbridge::app
