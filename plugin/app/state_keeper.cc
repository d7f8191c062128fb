#include "plugin/app/state_keeper.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <exception>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// Unless somebody waits for it, changes are written together that come within this time.
constexpr auto kGather = 200ms;
// After a failure: a full disk is not free again at once.
constexpr auto kRetry = 1s;

}  // namespace

StateKeeper::StateKeeper(Commit commit, http::ServerLoop& loop, endpoint::Endpoint& endpoint,
                         http::EndpointServer& server)
    : commit_(std::move(commit)), loop_(loop), endpoint_(endpoint), server_(server) {
  endpoint_.journal().on_news([this] { tell(false); });
  server_.on_waiting([this] { tell(true); });
  news_ = !endpoint_.journal().empty();
}

StateKeeper::~StateKeeper() { stop(); }

void StateKeeper::start() {
  thread_ = std::thread([this] { run(); });
}

void StateKeeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
  while (write()) {
  }
}

void StateKeeper::tell(bool urgent) {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
    urgent_ = urgent_ || urgent;
  }
  wake_.notify_one();
}

void StateKeeper::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return news_ || stopping_; });
    if (failing_) {
      wake_.wait_for(lock, kRetry, [this] { return stopping_; });
    } else {
      wake_.wait_for(lock, kGather, [this] { return urgent_ || stopping_; });
    }
    if (stopping_) return;
    news_ = urgent_ = false;
    lock.unlock();
    bool more = false;
    try {
      more = write();
    } catch (const std::exception& error) {  // memory is short; the next attempt is in a moment
      log::error("plots are not being kept", {{"error", error.what()}});
      failing_ = true;
    }
    lock.lock();
    if (more) news_ = urgent_ = true;
    // What is left tells of itself only if nothing was waiting before.
    if (failing_) news_ = true;
  }
}

bool StateKeeper::write() {
  endpoint::StateChanges changes;
  loop_.call([&] { changes = endpoint_.take_changes(); });
  if (changes.empty()) {
    if (std::exchange(failing_, false)) loop_.call([&] { server_.set_failing(false); });
    return false;
  }
  const auto committed = commit_(changes);
  if (committed && !changes.whole) return true;
  loop_.call([&] {
    if (committed) {
      endpoint_.changes_kept();
    } else {
      endpoint_.changes_failed();
    }
    server_.set_failing(!committed);
    // Also what could not be: those who wait have nothing to wait for.
    server_.kept(changes.ticket);
  });
  if (!committed) {
    if (const auto suppressed = complaints_.admit("commit", steady_now())) {
      log::error("plots are not being kept: the state cannot be written",
                 {{"why", committed.error().message},
                  {"action", "goes on in memory and tries again"},
                  {"hint", "make room on the disk of server.state, or make it writable"},
                  {"suppressed", *suppressed}});
    }
  } else if (failing_) {
    log::info("plots are being kept again");
  }
  failing_ = !committed;
  return false;
}

}  // namespace plotbridge::app
