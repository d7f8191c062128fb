// The thread on which everything that listens runs: one io_context. Leaves to others: listening
// (http_server, endpoint_server). `start` and `stop` any thread but the loop's own; one after the
// other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace plotbridge::http {

struct ServerLoopContext;

class ServerLoop {
 public:
  ServerLoop();
  /// Stops. Servers on this loop must be gone by then.
  ~ServerLoop();
  ServerLoop(const ServerLoop&) = delete;
  ServerLoop& operator=(const ServerLoop&) = delete;

  void start();
  /// Returns when the thread has ended; connections stay open until their server is destroyed.
  void stop();

  /// Runs `work` on the loop's thread and waits for it; on the caller's when the loop does not run.
  /// What it throws is thrown here. Never from the loop's own thread.
  void call(const std::function<void()>& work);

  /// Grows at least twice a second while the loop turns. Any thread.
  std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

  /// For the servers of this room: asio's io_context.
  ServerLoopContext& context() { return *context_; }

 private:
  void run();

  std::unique_ptr<ServerLoopContext> context_;
  std::atomic<std::uint64_t> turns_{0};
};

}  // namespace plotbridge::http
