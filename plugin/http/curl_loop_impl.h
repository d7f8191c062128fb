// The inside of the stream loop that its transports share: the multi handle and the watch. Only for
// curl_loop.cc and curl_transport.cc. Loop thread.
#pragma once

#include "plugin/http/curl_loop.h"
#include "plugin/http/unique_fd.h"

#include <curl/curl.h>

#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace plotbridge::http {

struct CurlLoop::Impl {
  CURLM* multi = nullptr;
  UniqueFd epoll;   // libcurl's sockets, `watch` and `wakeup`
  UniqueFd watch;   // every stream's socket once more, for the FIN that libcurl does not report
  UniqueFd wakeup;  // eventfd
  TimePoint curl_deadline = kNever;
  std::unordered_map<int, CurlTransport*> watched;
  // Transports with something to tell: an end that was seen inside a callback, or a close that gets
  // a moment for the answer that may still be on its way.
  std::unordered_set<CurlTransport*> ending;

  Impl();
  ~Impl();

  void watch_socket(int fd, CurlTransport* transport);
  void forget_socket(int fd);
  /// Lets libcurl act on a socket, or on its timers with CURL_SOCKET_TIMEOUT.
  void act(curl_socket_t socket, int events);
  /// Hands finished transfers to their transports.
  void collect_finished();
  /// Tells the clients of the transports whose end is due.
  void tell_endings(TimePoint now);
  TimePoint next_ending() const;
  void read_watch();

  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
};

}  // namespace plotbridge::http
