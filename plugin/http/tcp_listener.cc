#include "plugin/http/tcp_listener.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <chrono>
#include <exception>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

// A thousand clients that come back at once must not find the queue full.
constexpr int kBacklog = 4096;
constexpr int kAcceptedAtOnce = 32;
// Out of descriptors: waiting is all that helps.
constexpr auto kRetryAccept = 100ms;

auto cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  return fail(ErrorKind::kUnavailable,
              "cannot listen on " + host + ":" + std::to_string(port) + ": " + error.message());
}

}  // namespace

Result<Tcp::endpoint> TcpListener::bind(const std::string& host, std::uint16_t port) {
  error_code error;
  Tcp::resolver resolver(io_);
  const auto found = resolver.resolve(
      host, std::to_string(port), Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  if (error || found.empty()) return cannot_listen(host, port, error);
  const Tcp::endpoint wanted = found.begin()->endpoint();
  acceptor_.open(wanted.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(wanted, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    return cannot_listen(host, port, error);
  }
  const Tcp::endpoint bound = acceptor_.local_endpoint(error);
  if (error) return cannot_listen(host, port, error);
  return bound;
}

void TcpListener::close() {
  closed_ = true;
  on_accept_ = nullptr;
  on_starved_ = nullptr;
  error_code ignored;
  acceptor_.close(ignored);
  retry_.cancel(ignored);
}

void TcpListener::accept(OnAccept on_accept, std::function<void()> on_starved) {
  on_accept_ = std::move(on_accept);
  on_starved_ = std::move(on_starved);
  accept_next();
}

// Whatever becomes of one connection, the next is accepted.
void TcpListener::hand_over(Tcp::socket socket) {
  try {
    on_accept_(std::move(socket));
  } catch (const std::exception& error) {
    if (const auto suppressed = complaints_.admit("failure", steady_now())) {
      log::error("cannot take a connection over",
                 {{"error", error.what()}, {"suppressed", *suppressed}});
    }
  }
}

// Else each would wait until all connections were served that have something to do.
void TcpListener::accept_waiting() {
  for (int i = 1; i < kAcceptedAtOnce && !closed_; ++i) {
    error_code none;
    Tcp::socket socket(io_);
    acceptor_.accept(socket, none);
    if (none) return;
    hand_over(std::move(socket));
  }
}

void TcpListener::accept_next() {
  if (closed_) return;
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, Tcp::socket socket) {
    if (self->closed_) return;
    if (!error) {
      self->hand_over(std::move(socket));
      self->accept_waiting();
      return self->accept_next();
    }
    if (const auto suppressed = self->complaints_.admit({}, steady_now())) {
      log::warning("cannot accept a connection", {{"error", error.message()},
                                                  {"hint", "raise LimitNOFILE or ulimit -n"},
                                                  {"suppressed", *suppressed}});
    }
    if (error == asio::error::no_descriptors) self->on_starved_();
    self->retry_.expires_after(kRetryAccept);
    self->retry_.async_wait([self](const error_code& cancelled) {
      if (!cancelled) self->accept_next();
    });
  });
}

}  // namespace plotbridge::http
