// Requests with a wrong key: counted, logged with their address, and answered late when the same
// peer has sent many (wrong_keys), or not at all. Not responsible for: which key is right. Loop
// thread, but the counts any.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/time.h"
#include "plugin/http/connection_server.h"
#include "plugin/http/wrong_keys.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace plotbridge::http {

class KeyRefusals {
 public:
  /// Answers that wait, of all peers; who finds no room here is cut off without one.
  static constexpr std::size_t kMaxWaiting = 1024;

  /// `server` outlives it.
  explicit KeyRefusals(const ConnectionServer& server) : server_(server) {}

  /// Where the key stood.
  enum class Key { kInHead, kInBody };
  /// Sees to it that `answer` goes out, now or later. `user` was the name beside the key. After a
  /// key in the body the connection has a session that takes no more.
  void refuse(TcpConnection& connection, Key key, std::string_view user, std::string answer,
              TimePoint now);
  /// Sends what is due.
  void on_sweep(TimePoint now);

  std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
  std::size_t waiting() const { return waiting_count_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    ConnectionId connection;  // it may have gone
    std::string answer;
  };

  const ConnectionServer& server_;
  WrongKeys peers_;
  std::multimap<TimePoint, Waiting> waiting_;
  RateLimit complaints_{std::chrono::seconds(10)};
  std::atomic<std::uint64_t> count_{0};
  std::atomic<std::size_t> waiting_count_{0};
};

}  // namespace plotbridge::http
