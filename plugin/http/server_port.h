// One address that a server listens at: who may call there, and whether they must encrypt. Leaves
// to others: accepting (tcp_listener). Loop thread.
#pragma once

#include "plugin/http/host_guard.h"
#include "plugin/http/tls_certificate.h"

#include <memory>

namespace plotbridge::http {

struct ServerPort {
  HostGuard guard;
  std::shared_ptr<TlsCertificate> certificate;  // null: plain
};

}  // namespace plotbridge::http
