#include "plugin/http/curl_loop.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

namespace plotbridge::http {
namespace {

constexpr int kEventsAtOnce = 256;
// When memory was short, so that it does not fail without a rest.
constexpr Duration kAfterFailure = std::chrono::milliseconds(100);

// Waits for events until `until`; the number of them.
int wait(int epoll, std::array<epoll_event, kEventsAtOnce>& events, TimePoint until) {
  timespec timeout{};
  const timespec* limit = nullptr;
  if (until != kNever) {
    const TimePoint now = steady_now();
    const auto left = until > now ? (until - now).count() : 0;  // until may be TimePoint::min()
    timeout.tv_sec = left / 1'000'000'000;
    timeout.tv_nsec = left % 1'000'000'000;
    limit = &timeout;
  }
  return epoll_pwait2(epoll, events.data(), kEventsAtOnce, limit, nullptr);
}

}  // namespace

CurlLoop::CurlLoop() : wakeup_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  reactor_.add(wakeup_.get());
}

void CurlLoop::run(const OnTurn& on_turn) {
  Turn turn;
  while (!stopping_) {
    try {
      take_turn(turn, on_turn);
    } catch (const std::exception& error) {
      // One stream's misfortune must not take the others along.
      log::error("stream loop: unexpected failure", {{"error", error.what()}});
      turn = {steady_now() + kAfterFailure, false};
    } catch (...) {
      log::error("stream loop: unexpected failure", {{"error", "of no known kind"}});
      turn = {steady_now() + kAfterFailure, false};
    }
  }
}

void CurlLoop::take_turn(Turn& turn, const OnTurn& on_turn) {
  std::array<epoll_event, kEventsAtOnce> events;
  asleep_ = turn.wakeable;
  if (turn.wakeable && woken_) turn.due = TimePoint::min();  // woken before it slept
  if (reactor_.names.has_admitted()) turn.due = TimePoint::min();
  const int count = wait(reactor_.epoll.get(), events,
                         std::min({turn.due, reactor_.next_ending(), reactor_.curl_deadline}));
  asleep_ = false;
  bool peer_closed = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wakeup_.get()) {
      std::uint64_t ignored = 0;
      [[maybe_unused]] const auto read_bytes = read(wakeup_.get(), &ignored, sizeof ignored);
    } else if (event.data.fd == reactor_.watch.get()) {
      peer_closed = true;
    } else {
      reactor_.act(event.data.fd, event.events);
    }
  }
  reactor_.act_on_timers(steady_now());
  // After libcurl had its turn: an answer that came with the close is known by now.
  if (peer_closed) reactor_.read_watch();
  reactor_.collect_finished();
  reactor_.tell_endings(steady_now());
  reactor_.names.start_admitted();

  // Last and always: what was told above may have changed what is due.
  woken_ = false;
  const Rest rest = on_turn(steady_now());
  turn = {rest.until, rest.wakeable};
  turns_.fetch_add(1, std::memory_order_relaxed);
}

void CurlLoop::stop() {
  stopping_ = true;
  asleep_ = true;
  wake();
}

void CurlLoop::wake() {
  woken_ = true;
  if (!asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wakeup_.get(), &one, sizeof one);
}

}  // namespace plotbridge::http
