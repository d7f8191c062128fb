// libcurl's multi handle on an epoll set, with a second set that watches every stream's socket for
// the FIN that libcurl does not report. Leaves to others: waiting (curl_loop), what a transfer says
// (curl_transport). Loop thread only.
#pragma once

#include "plugin/base/time.h"
#include "plugin/http/name_gate.h"
#include "plugin/http/trusted_authorities.h"
#include "plugin/http/unique_fd.h"

#include <curl/curl.h>

#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace plotbridge::http {

/// One transfer, as the reactor sees it.
class CurlTransfer {
 public:
  virtual ~CurlTransfer() = default;
  virtual void on_done(CURLcode result) = 0;
  virtual void on_peer_closed(TimePoint now) = 0;
  /// When `tell_ending` is to be called, for one that is in `CurlReactor::ending`.
  virtual TimePoint ending_due() const = 0;
  virtual void tell_ending() = 0;
};

struct CurlReactor {
  CURLM* multi = nullptr;
  UniqueFd epoll;  // libcurl's sockets and `watch`
  UniqueFd watch;
  TimePoint curl_deadline = kNever;
  std::unordered_map<int, CurlTransfer*> watched;
  // Transfers with something to tell: an end that was seen inside a callback, or a close that gets
  // a moment for the answer that may still be on its way.
  std::unordered_set<CurlTransfer*> ending;
  NameGate names;
  TrustedAuthorities authorities;

  CurlReactor();
  ~CurlReactor();
  CurlReactor(const CurlReactor&) = delete;
  CurlReactor& operator=(const CurlReactor&) = delete;

  /// Adds a descriptor of the owner's to `epoll`.
  void add(int fd);
  void watch_socket(int fd, CurlTransfer* transfer);
  void forget_socket(int fd);
  /// Lets libcurl act on a socket for which epoll reported `events`.
  void act(int fd, std::uint32_t events);
  /// Lets libcurl act on its timers if they are due.
  void act_on_timers(TimePoint now);
  /// Tells the transfers of `watch` whose peers have closed.
  void read_watch();
  /// Hands finished transfers their results.
  void collect_finished();
  /// Lets the transfers tell whose end is due.
  void tell_endings(TimePoint now);
  TimePoint next_ending() const;

 private:
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
};

}  // namespace plotbridge::http
