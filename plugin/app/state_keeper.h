// Writes down what changes at the endpoint, on a thread of its own, so that a slow disk never holds
// the streams up: gathers for a moment, takes the changes on the server loop, writes them by one
// transaction, and tells the endpoint what is kept. Leaves to others: what is written
// (endpoint::Endpoint), how (disk::PlotStore). Main thread, but for `hurry`.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/result.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/http/endpoint_server.h"
#include "plugin/http/server_loop.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace plotbridge::app {

class StateKeeper {
 public:
  /// Writes one part of a transaction: disk::PlotStore::commit.
  using Commit = std::function<Result<void>(const endpoint::StateChanges&)>;

  /// All of them outlive the keeper. Before the loop starts.
  StateKeeper(Commit commit, http::ServerLoop& loop, endpoint::Endpoint& endpoint,
              http::EndpointServer& server);
  /// Stops.
  ~StateKeeper();

  void start();
  /// After the server loop has stopped: writes what is left.
  void stop();

 private:
  void run();
  /// Whether there is more to write at once.
  bool write();
  void tell(bool urgent);

  Commit commit_;
  http::ServerLoop& loop_;
  endpoint::Endpoint& endpoint_;
  http::EndpointServer& server_;
  RateLimit complaints_{std::chrono::seconds(60)};
  bool failing_ = false;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool news_ = false;
  bool urgent_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace plotbridge::app
