#include "plugin/app/servers.h"

#include "plugin/app/builtin_endpoint.h"
#include "plugin/app/listen_url.h"
#include "plugin/base/log.h"
#include "plugin/config/server_reader.h"
#include "plugin/disk/plot_store.h"

#include <utility>

namespace plotbridge::app {

namespace {

auto cannot_listen(const Error& error, const std::string& key) {
  if (error.kind == ErrorKind::kInvalid) return tl::make_unexpected(error);  // a certificate
  return fail(error.kind,
              error.message + "; give " + key + " an address of this machine with a free port");
}

/// What was kept goes to `options`. Null: it cannot be opened, because the disk is full, read-only
/// or failing; the endpoint then starts without it, so that streams go on.
Result<std::shared_ptr<disk::PlotStore>> open_state(const config::Server& server,
                                                    endpoint::Options& options) {
  options.synced = server.durability == config::Durability::kPower;
  auto opened = disk::PlotStore::open(server.state, options.synced);
  if (opened) {
    options.saved = (*opened)->take_saved();
    return std::shared_ptr<disk::PlotStore>(*std::move(opened));
  }
  if (opened.error().kind != ErrorKind::kDiskFails) return tl::make_unexpected(opened.error());
  log::error("starting without the plots that were kept: the state cannot be opened",
             {{"why", opened.error().message},
              {"action", "keeps the plots of this run in memory only"},
              {"hint", "make the disk of server.state writable, then restart plotbridge"}});
  return nullptr;
}

}  // namespace

Servers::~Servers() { stop(); }

Result<std::string> Servers::listen_endpoint(const config::Config& config,
                                             const config::Server& server) {
  auto options = endpoint_options(config, server);
  std::shared_ptr<disk::PlotStore> store;
  if (!server.state.empty()) {
    auto opened = open_state(server, options);
    if (!opened) return tl::make_unexpected(opened.error());
    store = *std::move(opened);
  }
  endpoint_ = std::make_unique<endpoint::Endpoint>(std::move(options));
  endpoint_server_ = std::make_unique<http::EndpointServer>(
      loop_, *endpoint_, http::EndpointServer::Options{.embed = server.embed});
  if (store) {
    keeper_ = std::make_unique<StateKeeper>(
        [store](const endpoint::StateChanges& changes) { return store->commit(changes); }, loop_,
        *endpoint_, *endpoint_server_);
  } else if (!server.state.empty()) {
    endpoint_server_->set_failing(true);
  }
  const auto port = endpoint_server_->listen(server.listen.host, server.listen.port);
  if (!port) return cannot_listen(port.error(), "server.listen");
  const config::Listen bound{server.listen.host, *port};
  log::info("endpoint listening", {{"url", listen_url(bound)}});
  if (server.tls) {
    const config::Listen& wanted = server.tls->listen;
    const auto tls_port = endpoint_server_->listen_tls(wanted.host, wanted.port,
                                                       {server.tls->certificate, server.tls->key});
    if (!tls_port) return cannot_listen(tls_port.error(), "server.tls.listen");
    log::info("endpoint listening", {{"url", listen_url({wanted.host, *tls_port}, "https")}});
  }
  if (server.users.empty() && !config::is_on_loopback(server)) {
    log::warning("nobody can look at the page or make plots: strangers could come to this address",
                 {{"hint", "give names and keys in server.users"}});
  }
  return local_url(bound);
}

Result<void> Servers::listen_admin(const config::Admin& config, Admin::Sources sources) {
  sources.snapshot = [this, of_the_rest = std::move(sources.snapshot)] {
    MetricsInput input = of_the_rest();
    input.admin = admin_server_->stats();
    return input;
  };
  admin_ = std::make_unique<Admin>(std::move(sources));
  admin_server_ = std::make_unique<http::HttpServer>(
      loop_,
      [this](const http::HttpRequest& request) {
        AdminAnswer answer =
            admin_->get(request.path, request.of_this_machine ? Admin::Reader::kOfThisMachine
                                                              : Admin::Reader::kOther);
        http::HttpResponse response;
        response.status = answer.status;
        response.content_type = std::move(answer.content_type);
        response.body = std::move(answer.body);
        return response;
      },
      [](std::string_view path) { return Admin::takes_long(path); });
  const auto port = admin_server_->listen(config.listen.host, config.listen.port);
  if (port) {
    log::info("admin listening", {{"url", listen_url({config.listen.host, *port})}});
    return {};
  }
  if (config.explicit_listen) return cannot_listen(port.error(), "admin.listen");
  log::warning("no admin pages",
               {{"why", port.error().message}, {"hint", "set admin.listen to a free address"}});
  return {};
}

std::optional<http::EndpointStats> Servers::endpoint_stats() const {
  if (!endpoint_server_) return std::nullopt;
  return endpoint_server_->stats();
}

void Servers::start() {
  loop_.start();
  if (keeper_) keeper_->start();
}

void Servers::stop() {
  if (endpoint_server_) endpoint_server_->stop();
  loop_.stop();
  if (keeper_) keeper_->stop();
}

}  // namespace plotbridge::app
