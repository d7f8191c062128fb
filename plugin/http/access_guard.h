// Who may look at the plots and make them: asks for names and keys, refuses wrong ones late, and
// notices a proxy that brings strangers to a port where nobody is asked. Not responsible for: hosts
// and origins (host_guard), tokens of streams. Loop thread, but the counts any.
#pragma once

#include "plugin/base/rate_limit.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/accounts.h"
#include "plugin/http/http_message.h"
#include "plugin/http/key_refusals.h"
#include "plugin/http/request_head.h"
#include "plugin/http/tcp_connection.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge::http {

class AccessGuard {
 public:
  /// Both outlive it.
  AccessGuard(const endpoint::Accounts& accounts, const ConnectionServer& server)
      : accounts_(accounts), keys_(server) {}

  /// What to tell who asks for a page or for a plot without a name and key that are known; nothing:
  /// it may look.
  std::optional<HttpResponse> refusal(const RequestHead& head) const;

  /// Whether there are users, and it comes from one. Without users a key proves nothing, even where
  /// anybody counts as one.
  bool has_valid_key(const RequestHead& head) const;

  /// Sends the refusal of a request whose body is not read.
  void refuse(TcpConnection& connection, const RequestHead& head, const HttpResponse& refusal,
              TimePoint now);
  /// The same of one that had its key in its body, which is read. False: its key is not wrong.
  bool refuse_read(TcpConnection& connection, const HttpResponse& response, std::string answer,
                   TimePoint now);

  /// Warns of a request that was brought where nobody is asked for a key.
  void look_for_proxy(const TcpConnection& connection, const RequestHead& head, TimePoint now);
  void on_sweep(TimePoint now) { keys_.on_sweep(now); }

  const KeyRefusals& keys() const { return keys_; }
  std::uint64_t forwarded() const { return forwarded_.load(std::memory_order_relaxed); }

 private:
  const endpoint::Accounts& accounts_;
  KeyRefusals keys_;
  RateLimit complaints_{std::chrono::hours(1)};
  std::atomic<std::uint64_t> forwarded_{0};
};

}  // namespace plotbridge::http
