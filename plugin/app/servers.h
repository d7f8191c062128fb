// Everything that listens: the built-in endpoint with its page, and the admin pages, on one server
// loop. Leaves to others: what the admin pages say (admin). Main thread.
#pragma once

#include "plugin/app/admin.h"
#include "plugin/app/state_keeper.h"
#include "plugin/base/result.h"
#include "plugin/config/config.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/http/endpoint_server.h"
#include "plugin/http/http_server.h"
#include "plugin/http/server_loop.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace plotbridge::app {

class Servers {
 public:
  ~Servers();

  /// Binds the built-in endpoint. The URL that streams are sent to.
  Result<std::string> listen_endpoint(const config::Config& config, const config::Server& server);
  /// Binds the admin pages. An occupied default address is only a warning.
  Result<void> listen_admin(const config::Admin& config, Admin::Sources sources);

  void start();
  void stop();

  std::uint64_t turns() const { return loop_.turns(); }
  /// Of the built-in endpoint, if there is one. Any thread.
  std::optional<http::EndpointStats> endpoint_stats() const;

 private:
  http::ServerLoop loop_;
  std::unique_ptr<endpoint::Endpoint> endpoint_;
  std::unique_ptr<http::EndpointServer> endpoint_server_;
  std::unique_ptr<StateKeeper> keeper_;  // null: state lives in memory
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<http::HttpServer> admin_server_;
};

}  // namespace plotbridge::app
