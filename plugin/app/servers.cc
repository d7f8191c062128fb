#include "plugin/app/servers.h"

#include "plugin/app/builtin_endpoint.h"
#include "plugin/base/log.h"

#include <utility>

namespace plotbridge::app {
namespace {

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port) + "/";
}

// Where a client on this machine reaches a server that listens at `host`.
std::string reachable(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  if (host == "::") return "::1";
  return host;
}

}  // namespace

Servers::~Servers() { stop(); }

Result<std::string> Servers::listen_endpoint(const config::Config& config,
                                             const config::Server& server) {
  endpoint_ = std::make_unique<endpoint::Endpoint>(endpoint_options(config, server));
  endpoint_server_ = std::make_unique<http::EndpointServer>(loop_, *endpoint_);
  const auto port = endpoint_server_->listen(server.listen.host, server.listen.port);
  if (!port) return tl::make_unexpected(port.error());
  log::info("endpoint listening", {{"url", url_of(server.listen.host, *port)}});
  return url_of(reachable(server.listen.host), *port);
}

Result<void> Servers::listen_admin(const config::Admin& config, Admin::Sources sources) {
  admin_ = std::make_unique<Admin>(std::move(sources));
  admin_server_ =
      std::make_unique<http::HttpServer>(loop_, [this](const http::HttpRequest& request) {
        AdminAnswer answer = admin_->get(request.path);
        http::HttpResponse response;
        response.status = answer.status;
        response.content_type = std::move(answer.content_type);
        response.body = std::move(answer.body);
        return response;
      });
  const auto port = admin_server_->listen(config.listen.host, config.listen.port);
  if (port) {
    log::info("admin listening", {{"url", url_of(config.listen.host, *port)}});
    return {};
  }
  if (config.explicit_listen) return tl::make_unexpected(port.error());
  log::warning("no admin pages",
               {{"why", port.error().message}, {"do", "set admin.listen to a free address"}});
  return {};
}

void Servers::stop() { loop_.stop(); }

}  // namespace plotbridge::app
