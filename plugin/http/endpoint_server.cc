#include "plugin/http/endpoint_server.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/rate_limit.h"
#include "plugin/endpoint/plot_form.h"
#include "plugin/endpoint/status.h"
#include "plugin/http/access_guard.h"
#include "plugin/http/connection_server.h"
#include "plugin/http/http_message.h"
#include "plugin/http/kept_answers.h"
#include "plugin/http/page_routes.h"
#include "plugin/http/position_response.h"
#include "plugin/http/request_session.h"
#include "plugin/http/rest_answer.h"
#include "plugin/http/rest_v2.h"
#include "plugin/http/server_loop_context.h"
#include "plugin/http/upload_session.h"
#include "plugin/http/watcher_table.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;
using endpoint::Status;

// Who is told that the server stops may go on sending for so long before he is cut off.
constexpr auto kLeaveDeadline = 300ms;

// Often enough that a stream is idle for little longer than its timeout, that a client without a
// token is soon told so, and that no acknowledgement is late.
Duration sweep_period(Duration idle_timeout) {
  return std::clamp<Duration>(idle_timeout / 8, 10ms, AckAnswer::kPeriod);
}

// Guests leave an eighth of the connections to those with a token that somebody announced.
ConnectionBudget::Limits budget_of(const EndpointServer::Options& options) {
  ConnectionBudget::Limits limits{};
  limits.connections = options.max_connections;
  limits.unproved = std::min(options.max_unproved, options.max_connections);
  limits.unproved_per_peer = options.max_unproved_per_peer;
  limits.guests = options.max_connections - options.max_connections / 8;
  limits.unproved_bytes = std::min(options.max_unproved_bytes, options.max_bytes / 4);
  limits.other_bytes = options.max_bytes - limits.unproved_bytes;
  return limits;
}

ConnectionServer::Limits limits_of(const EndpointServer::Options& options,
                                   const endpoint::Endpoint& endpoint) {
  ConnectionServer::Limits limits{budget_of(options)};
  limits.sweep_period = sweep_period(endpoint.idle_timeout());
  return limits;
}

constexpr std::size_t kMaxRestBytes = std::size_t{8} << 20;

HttpResponse method_wanted(std::string_view allowed, std::string_view text) {
  HttpResponse response = text_response(code_of(Status::kBadMethod), text);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace

class EndpointServer::Impl : public ConnectionServer::Client,
                             public std::enable_shared_from_this<Impl> {
 public:
  Impl(ServerLoop& loop, endpoint::Endpoint& endpoint, Options options)
      : endpoint_(endpoint),
        options_(options),
        io_(loop.context().io),
        server_(std::make_shared<ConnectionServer>(io_, limits_of(options, endpoint), *this)),
        watchers_(std::make_shared<WatcherTable>(io_, *server_, options.max_watchers)) {}

  Result<std::uint16_t> listen(const std::string& host, std::uint16_t port) {
    const auto bound = server_->listen(host, port);
    if (bound) plain_port_ = *bound;
    return bound;
  }
  Result<std::uint16_t> listen_tls(const std::string& host, std::uint16_t port,
                                   const TlsFiles& files) {
    auto certificate = TlsCertificate::load(files.certificate, files.key);
    if (!certificate) return tl::make_unexpected(certificate.error());
    return server_->listen(host, port, *std::move(certificate));
  }
  EndpointStats stats() const {
    EndpointStats stats = counters_.look();
    const ConnectionBudget::Load load = server_->load();
    stats.connections = load.connections;
    stats.unproved_connections = load.unproved;
    stats.connection_bytes = load.bytes;
    stats.unproved_bytes = load.unproved_bytes;
    stats.waiting_readers = server_->turns().waiting();
    stats.reader_turns = server_->turns().turns();
    stats.watchers = watchers_->size();
    for (std::size_t i = 0; i < kConnectionEnds; ++i) stats.limits[i] = server_->ends()[i];
    stats.state_failing = answers_.failing();
    stats.wrong_keys = access_.keys().count();
    stats.late_answers = access_.keys().waiting();
    stats.forwarded = access_.forwarded();
    stats.changes = changes_.counts();
    return stats;
  }

  /// The future is ready when all of them are gone.
  std::future<void> stop() {
    stopping_ = true;
    server_->stop_listening();
    for_each_upload([this](ConnectionId id, UploadSession& upload) {
      if (upload.end_for_restart()) leaving_.insert(id);
    });
    if (leaving_.empty()) all_left_.set_value();
    return all_left_.get_future();
  }
  bool stopping() const { return stopping_; }

  void close() {
    for_each_upload([](ConnectionId, UploadSession& upload) { upload.abandon(); });
    watchers_->close();
    server_->close();
    uploads_.clear();
  }

  void on_request(TcpConnection& connection, const RequestHead& head, TimePoint now) override {
    access_.look_for_proxy(connection, head, now);
    if (access_.has_valid_key(head)) connection.prove(Standing::kProved);
    if (asks_for_position(head)) return tell_position(connection, head, now);
    if (is_of_stream(head)) return take_upload(connection, head, now);
    if (is_plot_form(head) || is_rest(head)) return take_rest(connection, head, now);
    if (!connection.port().guard.allows_host(head)) {
      return refuse(connection, at_page(head, text_response(403, HostGuard::kRefusal)));
    }
    // A link from anywhere may lead to the page, but only the page asks for what it shows.
    if (head.path.starts_with("/api/") && !connection.port().guard.allows_origin(head)) {
      return refuse_origin(connection, render_text(403, HostGuard::kOriginRefusal));
    }
    if (auto refusal = access_.refusal(head)) {
      add_stream_headers(head, endpoint_, *refusal);
      return refuse_stranger(connection, head, *refusal, now);
    }
    if (const auto watched = watched_plot(head)) return watch(connection, head, *watched);
    HttpResponse page = page_response(head, endpoint_, options_.embed);
    add_stream_headers(head, endpoint_, page);
    connection.answer(std::move(page), head);
  }

  KeptAnswers& answers() { return answers_; }

  void kept(std::uint64_t ticket) {
    answers_.kept(ticket);
    // Nothing that is begun now would come to its end; they hear it with their last word.
    if (io_.stopped()) return;
    const TimePoint now = steady_now();
    for_each_upload([now](ConnectionId, UploadSession& upload) { upload.on_kept(now); });
  }

  void on_refused() override { counters_.refused.fetch_add(1, std::memory_order_relaxed); }

  void on_disconnect(ConnectionId id) override {
    uploads_.erase(id);
    watchers_->remove(id);
    if (leaving_.erase(id) > 0 && leaving_.empty()) all_left_.set_value();
  }

  void on_sweep(TimePoint now) override {
    for (const ConnectionId id : endpoint_.expire_idle(now)) end_upload(id, Status::kIdle);
    answers_.on_sweep(now);
    counters_.window_bytes.store(endpoint_.plots().window_bytes(), std::memory_order_relaxed);
    counters_.figure_bytes.store(endpoint_.plots().figure_bytes(), std::memory_order_relaxed);
    counters_.grid_bytes.store(endpoint_.grids().bytes(), std::memory_order_relaxed);
    counters_.further_ranges.store(endpoint_.positions().further_ranges(),
                                   std::memory_order_relaxed);
    access_.on_sweep(now);
  }

 private:
  // Who names a token wants to stream, also with a method by which one cannot.
  static bool is_of_stream(const RequestHead& head) {
    const bool looks = head.method == "GET" || head.method == "HEAD";
    return head.path == "/" && (!looks || !head.token.empty() || !head.producer.empty());
  }

  void take_upload(TcpConnection& connection, const RequestHead& head, TimePoint now) {
    if (head.method != "POST") {
      return refuse(connection,
                    at_page(head, method_wanted("GET, HEAD, POST", text_of(Status::kBadMethod))));
    }
    // Clients send the oddest Hosts, but no page of another origin may write into a stream.
    if (!connection.port().guard.allows_origin(head)) {
      return refuse_origin(connection, render_text(403, HostGuard::kOriginRefusal));
    }
    if (stopping_) return refuse(connection, render_text(503, text_of(Status::kRestart)));
    auto session = std::make_unique<UploadSession>(connection, uploading_);
    UploadSession& upload = *session;
    connection.attach(std::move(session));
    uploads_.emplace(connection.id(), &upload);
    upload.start(head, now);
  }

  // The token is the key to it. A wrong one is refused, counted and logged as that of a stream.
  void tell_position(TcpConnection& connection, const RequestHead& head, TimePoint now) {
    if (!connection.port().guard.allows_origin(head)) {
      return refuse_origin(connection,
                           at_page(head, text_response(403, HostGuard::kOriginRefusal)));
    }
    const HttpResponse response = position_response(head, endpoint_);
    const std::string answer = render(response, true);
    if (response.status == 200) return connection.answer(answer);
    if (const auto suppressed = complaints_.admit("HEAD " + std::to_string(response.status), now)) {
      log::warning("stream refused", {{"status", response.status},
                                      {"why", "HEAD with a token that opens none"},
                                      {"from", connection.peer()},
                                      {"suppressed", *suppressed}});
    }
    refuse(connection, answer);
  }

  /// An answer to what may be a request for the page.
  std::string at_page(const RequestHead& head, HttpResponse response) const {
    add_stream_headers(head, endpoint_, response);
    return render(response, head.method == "HEAD");
  }

  // Version 1 has its key in the body, mostly in front of all that is long.
  RequestSession::Proves proves_itself(const std::shared_ptr<const RequestHead>& head) const {
    if (!is_plot_form(*head) || !endpoint_.accounts().has_users()) return nullptr;
    return [this, head](std::string_view body) {
      const endpoint::PlotForm form = endpoint::read_plot_form(body, head->content_type);
      return endpoint_.accounts().knows(form.user, form.key);
    };
  }

  void take_rest(TcpConnection& connection, const RequestHead& head, TimePoint now) {
    // Old clients send names of Plotly's hosts; a browser's page says where it is from.
    if (!is_plot_form(head) && !connection.port().guard.allows_host(head)) {
      return refuse(connection, rest_failure(head, 403, HostGuard::kRefusal));
    }
    if (!connection.port().guard.allows_origin(head)) {
      return refuse_origin(connection, rest_failure(head, 403, HostGuard::kOriginRefusal));
    }
    if (is_plot_form(head) && head.method != "POST") {
      return refuse(connection,
                    render(method_wanted("POST", "plots are made by POST"), head.method == "HEAD"));
    }
    // Before any body is read: it may be anybody's. Version 1 has its key in there.
    if (const auto refusal = is_plot_form(head) ? std::nullopt : access_.refusal(head)) {
      return refuse_stranger(connection, head, *refusal, now);
    }
    // One copy for all that waits for the body; the session counts it.
    const auto kept = std::make_shared<const RequestHead>(head);
    auto session = std::make_unique<RequestSession>(
        connection,
        [this, &connection, kept](std::string body) {
          const bool reads = kept->method == "GET" || kept->method == "HEAD";
          HttpResponse response = rest_answer(
              {*kept, std::move(body), connection.encrypted(), plain_port_, log_of(connection)},
              endpoint_);
          if (response.rest) return connection.answer(std::move(response), *kept);
          auto answer = render(response, kept->method == "HEAD");
          if (access_.refuse_read(connection, response, answer, steady_now())) return;
          if (reads) return connection.answer(answer);
          for (const ConnectionId id : endpoint_.without_plot()) {
            end_upload(id, Status::kNotOfThisPlot);
          }
          answers_.answer(connection, std::move(answer), steady_now());
        },
        [kept](int status, std::string_view text) { return rest_failure(*kept, status, text); },
        kMaxRestBytes, memory_of(*kept), proves_itself(kept));
    RequestSession& request = *session;
    connection.attach(std::move(session));
    request.start(head, now);
  }

  std::function<void(FileChange, std::string_view, endpoint::FileId, std::string_view,
                     std::string_view)>
  log_of(const TcpConnection& connection) {
    return [this, &connection](FileChange change, std::string_view kind, endpoint::FileId id,
                               std::string_view name, std::string_view user) {
      changes_.note(change, kind, id, name, {user, connection.peer()}, steady_now());
    };
  }

  void watch(TcpConnection& connection, const RequestHead& head, endpoint::PlotId id) {
    endpoint::Plot* const plot = endpoint_.plot(id);
    if (plot == nullptr) return connection.answer(render(no_such_plot()));
    if (watchers_->watch(connection, endpoint_, *plot, head)) return;
    connection.note_limit(ConnectionEnd::kWatchers);
    refuse(connection, render_text(503, "too many pages are watching"));
  }

  // What one of them throws ends that one.
  template <class Work>
  void for_each_upload(Work work) {
    std::vector<ConnectionId> ids;
    ids.reserve(uploads_.size());
    for (const auto& [id, upload] : uploads_) ids.push_back(id);
    for (const ConnectionId id : ids)
      with_upload(id, [&](UploadSession& upload) { work(id, upload); });
  }
  template <class Work>
  void with_upload(ConnectionId id, Work work) {
    const auto upload = uploads_.find(id);
    TcpConnection* const connection = server_->find(id);
    if (upload == uploads_.end() || connection == nullptr) return;
    connection->contain([&] { work(*upload->second); });
  }

  void end_upload(ConnectionId id, Status status, bool by_itself = false) {
    with_upload(id, [&](UploadSession& upload) { upload.end(status, by_itself); });
  }

  void refuse_stranger(TcpConnection& connection, const RequestHead& head,
                       const HttpResponse& refusal, TimePoint now) {
    on_refused();
    access_.refuse(connection, head, refusal, now);
  }

  void refuse(TcpConnection& connection, std::string_view answer) {
    on_refused();
    connection.answer(answer);
  }

  void refuse_origin(TcpConnection& connection, std::string_view answer) {
    connection.note_limit(ConnectionEnd::kOtherSite);
    refuse(connection, answer);
  }

  endpoint::Endpoint& endpoint_;
  Options options_;
  std::atomic<std::uint16_t> plain_port_{0};
  asio::io_context& io_;
  std::shared_ptr<ConnectionServer> server_;
  std::unordered_map<ConnectionId, UploadSession*> uploads_;
  std::shared_ptr<WatcherTable> watchers_;
  KeptAnswers answers_{endpoint_.journal(), *server_, options_.patience};
  AccessGuard access_{endpoint_.accounts(), *server_};
  ChangeLog changes_;
  bool stopping_ = false;
  std::unordered_set<ConnectionId> leaving_;  // that were told so
  std::promise<void> all_left_;
  EndpointCounters counters_;
  RateLimit complaints_{10s};
  UploadContext uploading_{endpoint_, counters_, complaints_,
                           [this](const endpoint::Upload::Evicted& evicted) {
                             end_upload(evicted.connection, evicted.status, evicted.by_itself);
                           },
                           answers_};
};

EndpointServer::EndpointServer(ServerLoop& loop, endpoint::Endpoint& endpoint, Options options)
    : loop_(loop), impl_(std::make_shared<Impl>(loop, endpoint, options)) {}

EndpointServer::~EndpointServer() {
  // What was written a moment ago is noted as such first, so that last words can follow it.
  loop_.call([] {});
  loop_.call([this] { impl_->close(); });
}

void EndpointServer::stop() {
  std::future<void> all_left;
  loop_.call([&] {
    if (!impl_->stopping()) all_left = impl_->stop();
  });
  if (all_left.valid()) all_left.wait_for(kLeaveDeadline);
  // What was written a moment ago is noted as such, so that last words can follow it.
  loop_.call([] {});
}

Result<std::uint16_t> EndpointServer::listen(const std::string& host, std::uint16_t port) {
  return impl_->listen(host, port);
}

Result<std::uint16_t> EndpointServer::listen_tls(const std::string& host, std::uint16_t port,
                                                 const TlsFiles& files) {
  return impl_->listen_tls(host, port, files);
}

void EndpointServer::on_waiting(std::function<void()> wake) {
  impl_->answers().on_waiting(std::move(wake));
}

void EndpointServer::kept(std::uint64_t ticket) { impl_->kept(ticket); }

void EndpointServer::set_failing(bool failing) { impl_->answers().set_failing(failing); }

EndpointStats EndpointServer::stats() const { return impl_->stats(); }

}  // namespace plotbridge::http
