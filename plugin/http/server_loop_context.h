// The insides of a ServerLoop, for the servers of this room. Loop thread, but for the lifecycle
// members.
#pragma once

#include "plugin/http/asio.h"

#include <mutex>
#include <thread>

namespace plotbridge::http {

struct ServerLoopContext {
  asio::io_context io{1};
  asio::steady_timer heartbeat{io};
  std::mutex lifecycle;  // start, stop and call, one after the other
  std::thread thread;
};

}  // namespace plotbridge::http
