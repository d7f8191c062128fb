// Whether a request was meant for this server. On loopback a foreign Host means that a page
// somewhere made the browser call here (DNS rebinding). Leaves to others: the answer. Any thread.
#pragma once

#include "plugin/http/request_head.h"

#include <string>
#include <string_view>

namespace plotbridge::http {

class HostGuard {
 public:
  /// `listen_host` as configured; `loopback`: nobody else can reach the address it stands for.
  HostGuard(std::string listen_host, bool loopback)
      : listen_host_(std::move(listen_host)), loopback_(loopback) {}

  /// Whether every Host is a name of this machine; any is when not on loopback.
  bool allows_host(const RequestHead& head) const;

  /// Whether the request comes from no web page or from one of this server's own.
  bool allows_origin(const RequestHead& head) const;

  /// What to tell who is refused for his Origin.
  static constexpr std::string_view kOriginRefusal =
      "no web page of another origin may stream here, make plots or read them";
  /// What to tell who is refused for his Host.
  static constexpr std::string_view kRefusal =
      "this server listens on loopback: the Host header must be localhost, 127.0.0.1 or [::1]";

 private:
  bool is_own(std::string_view host) const;

  std::string listen_host_;
  bool loopback_;
};

}  // namespace plotbridge::http
