#include "plugin/http/server_loop.h"

#include "plugin/base/log.h"
#include "plugin/http/server_loop_context.h"

#include <chrono>
#include <exception>
#include <future>
#include <memory>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeartbeat = 250ms;

void beat(asio::steady_timer& timer, std::atomic<std::uint64_t>& turns) {
  timer.expires_after(kHeartbeat);
  timer.async_wait([&timer, &turns](const error_code& error) {
    if (error) return;
    turns.fetch_add(1, std::memory_order_relaxed);
    beat(timer, turns);
  });
}

}  // namespace

ServerLoop::ServerLoop() : context_(std::make_unique<ServerLoopContext>()) {
  beat(context_->heartbeat, turns_);
}

ServerLoop::~ServerLoop() { stop(); }

void ServerLoop::start() {
  const std::lock_guard lock(context_->lifecycle);
  if (context_->thread.joinable()) return;
  context_->io.restart();
  context_->thread = std::thread([this] { run(); });
}

void ServerLoop::stop() {
  const std::lock_guard lock(context_->lifecycle);
  if (!context_->thread.joinable()) return;
  context_->io.stop();
  context_->thread.join();
}

void ServerLoop::call(const std::function<void()>& work) {
  const std::lock_guard lock(context_->lifecycle);
  if (!context_->thread.joinable()) return work();
  std::promise<void> done;
  asio::post(context_->io, [&] {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void ServerLoop::run() {
  for (;;) {
    try {
      context_->io.run();
      return;
    } catch (const std::exception& error) {
      // One connection's misfortune must not take the others along.
      log::error("server loop: unexpected failure", {{"error", error.what()}});
    } catch (...) {
      log::error("server loop: unexpected failure", {{"error", "of no known kind"}});
    }
  }
}

}  // namespace plotbridge::http
