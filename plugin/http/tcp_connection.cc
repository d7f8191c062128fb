#include "plugin/http/tcp_connection.h"

#include "plugin/base/clock.h"
#include "plugin/base/scratch.h"
#include "plugin/endpoint/status.h"

#include <array>
#include <chrono>
#include <string>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr auto kHeadDeadline = 10s;
// After the answer: how long the client may go on sending before it is cut off.
constexpr auto kDrainDeadline = 2s;
constexpr std::size_t kReadBytes = 16 * 1024;
// Reads in a row from one connection, so that a fast one does not starve the others; and a crowd of
// those who proved nothing not those who did.
constexpr int kReadsOfProved = 4;
constexpr int kReadsOfOthers = 1;
constexpr int kReadsAtEnd = 64;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// What a connection costs that holds nothing.
constexpr std::size_t kPlainBytes = 2 * 1024;

constexpr std::string_view kTooMuchIsSent =
    "too much is being sent from here at the same time: try again";
constexpr std::string_view kChangedMeanwhile = "it was changed before it could be sent: ask again";

}  // namespace

TcpConnection::TcpConnection(ConnectionId id, Tcp::socket socket,
                             std::shared_ptr<const ServerPort> port, Owner& owner,
                             ConnectionBudget& budget)
    : id_(id),
      socket_(std::move(socket)),
      port_(std::move(port)),
      owner_(&owner),
      peer_(peer_name(socket_)),
      share_(budget, id, PeerAddress::of(socket_), kPlainBytes) {}

void TcpConnection::start(TimePoint now) {
  error_code error;
  socket_.non_blocking(true, error);
  if (!error) socket_.set_option(Tcp::no_delay(true), error);
  if (error) return close();
  deadline_ = now + kHeadDeadline;
  wait_readable();
}

void TcpConnection::attach(std::unique_ptr<Session> session) {
  session_ = std::move(session);
  if (phase_ == Phase::kHead) phase_ = Phase::kSession;
}

// Waiting and then reading costs no buffer for a connection that is silent.
void TcpConnection::wait_readable() {
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->on_readable(error);
  });
}

void TcpConnection::on_readable(const error_code& error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return close();
  // What guests send may take many times as long as it takes them.
  waits_to_read_ = standing() == Standing::kGuest;
  if (waits_to_read_) return owner_->on_wait_for_turn(*this);
  contain([this] { read(); });
}

void TcpConnection::read() {
  std::array<char, kReadBytes> buffer;
  const TimePoint now = steady_now();
  const int most = standing() == Standing::kProved ? kReadsOfProved : kReadsOfOthers;
  for (int i = 0; i < most; ++i) {
    error_code failure;
    const std::size_t size = socket_.read_some(asio::buffer(buffer), failure);
    if (failure == asio::error::would_block) break;
    if (failure == asio::error::eof) return take_end_of_input(now);
    if (failure) return close();
    take_wire({buffer.data(), size}, now);
    if (phase_ == Phase::kClosed) return;
    if (size < buffer.size()) break;
  }
  wait_readable();
}

void TcpConnection::take_wire(std::string_view bytes, TimePoint now) {
  std::string hello;
  if (encrypted() && !tls_ && phase_ == Phase::kHead) {
    // A session would be many times as large as what begins it.
    head_ += bytes;
    if (!share_.try_hold(held_bytes())) return end_for_memory(false);
    if (head_.front() != TlsSession::kHandshake) {
      constexpr std::string_view why = "this port takes TLS only: begin the address with https://";
      owner_->on_bad_head(*this, why, now);
      return answer(render_text(400, why));
    }
    if (!TlsSession::can_begin(head_)) return;
    if (!share_.try_cost(kPlainBytes + TlsSession::kBytes)) return end_for_memory(false);
    tls_ = std::make_unique<TlsSession>(port_->certificate->context());
    hello = std::exchange(head_, {});
    bytes = hello;
  }
  if (!tls_) return take(bytes, now);
  if (phase_ == Phase::kAnswering || phase_ == Phase::kDraining) return;
  std::string plain;
  const TlsSession::State state = tls_->take(bytes, plain);
  send_wire(tls_->outgoing());
  if (next_.size() > TlsSession::kMaxUnread) {
    owner_->on_limit(*this, ConnectionEnd::kSlowReader);
    return close();
  }
  if (!plain.empty()) take(plain, now);
  if (phase_ == Phase::kClosed || state == TlsSession::State::kOpen) return;
  if (state == TlsSession::State::kEnded) return take_end_of_input(now);
  if (phase_ == Phase::kHead) owner_->on_bad_head(*this, "TLS: " + tls_->failure(), now);
  close();
}

void TcpConnection::take(std::string_view bytes, TimePoint now) {
  switch (phase_) {
    case Phase::kHead:
      return take_head(bytes, now);
    case Phase::kSession:
      return tell([&](Session& session) { session.on_bytes(bytes, now); });
    case Phase::kAnswering:
    case Phase::kDraining:
    case Phase::kClosed:
      break;
  }
}

void TcpConnection::take_head(std::string_view bytes, TimePoint now) {
  const std::size_t looked_at = head_.size() < kHeadEnd.size() ? 0 : head_.size() - kHeadEnd.size();
  const std::size_t before = head_.size();
  head_ += bytes;
  if (!share_.try_hold(held_bytes())) return end_for_memory(false);
  if (head_.front() == TlsSession::kHandshake) {
    return refuse_head(400, "this port takes no TLS: begin the address with http://", now);
  }
  const std::size_t end = head_.find(kHeadEnd, looked_at);
  if (end == std::string::npos ? head_.size() > kMaxHeadBytes : end > kMaxHeadBytes) {
    return refuse_head(431, "the request head is longer than 16 KiB", now);
  }
  if (end == std::string::npos) return;
  const std::size_t length = end + kHeadEnd.size();
  const auto head = parse_request_head(std::string_view(head_).substr(0, length));
  free_memory(head_);
  share_.hold(held_bytes());
  if (!head) return refuse_head(400, endpoint::text_of(endpoint::Status::kMalformed), now);
  deadline_ = kNever;
  owner_->on_head(*this, *head, now);
  if (phase_ == Phase::kSession) take(bytes.substr(length - before), now);
}

void TcpConnection::refuse_head(int status, std::string_view text, TimePoint now) {
  owner_->on_bad_head(*this, text, now);
  if (encrypted() && (!tls_ || !tls_->established())) return close();
  answer(render_text(status, text));
}

void TcpConnection::take_end_of_input(TimePoint now) {
  if (input_ended_ && phase_ == Phase::kSession) return;  // TLS said so before the socket
  input_ended_ = true;
  switch (phase_) {
    case Phase::kSession:
      return tell([&](Session& session) { session.on_end_of_input(now); });
    case Phase::kHead:
    case Phase::kDraining:
      return close();
    case Phase::kAnswering:  // closes once the answer is out
    case Phase::kClosed:
      break;
  }
}

void TcpConnection::write(std::string_view bytes) {
  if (phase_ == Phase::kClosed || phase_ == Phase::kDraining) return;
  if (!tls_) return send_wire(bytes);
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, TlsSession::kPiece);
    bytes.remove_prefix(piece.size());
    tls_->put(piece);
    const std::string wire = tls_->outgoing();
    if (bytes.empty()) return send_wire(wire);
    next_ += wire;
  }
}

bool TcpConnection::try_write(std::string_view bytes) {
  std::size_t size = bytes.size();
  if (tls_) size += (size / TlsSession::kPiece + 2) * TlsSession::kOverhead;
  if (!share_.try_hold_answer(held_bytes() + size)) return false;
  next_.reserve(next_.size() + size);
  write(bytes);
  return true;
}

void TcpConnection::send_wire(std::string_view bytes) {
  if (bytes.empty()) return;
  next_ += bytes;
  share_.hold(held_bytes());
  if (!writing()) send();
}

void TcpConnection::answer(std::string_view bytes) {
  if (share_.gone() || (phase_ != Phase::kHead && phase_ != Phase::kSession)) return;
  phase_ = Phase::kAnswering;
  if (!try_write(bytes)) {
    owner_->on_limit(*this, ConnectionEnd::kMemory);
    write(render_text(503, kTooMuchIsSent));
  }
  end_tls();
}

void TcpConnection::end_tls() {
  if (!tls_) return;
  tls_->end();
  send_wire(tls_->outgoing());
}

void TcpConnection::answer(HttpResponse response, const RequestHead& head) {
  const bool to_head = head.method == "HEAD";
  if (!response.rest) return answer(render(response, to_head));
  const bool in_chunks = !head.http_1_0;
  if (to_head) return answer(render_head_of_parts(response, in_chunks));
  if (share_.gone() || (phase_ != Phase::kHead && phase_ != Phase::kSession)) return;
  phase_ = Phase::kAnswering;
  parts_ = std::make_unique<AnswerParts>(std::move(response), in_chunks);
  parts_left_ = kSendDeadline;
  if (!writing()) next_part();
}

void TcpConnection::next_part() {
  if (standing() != Standing::kUnproved) return send_part();
  // Who waits for a turn is not slow.
  if (deadline_ != kNever) parts_left_ = deadline_ - steady_now();
  deadline_ = kNever;
  owner_->on_wait_for_turn(*this);
}

void TcpConnection::on_turn(TimePoint now) {
  if (std::exchange(waits_to_read_, false)) return read();
  if (phase_ == Phase::kSession) return tell([now](Session& session) { session.on_turn(now); });
  if (!parts_ || writing()) return;
  deadline_ = now + parts_left_;
  send_part();
}

void TcpConnection::send_part() {
  const bool first = !parts_->begun();
  const auto [state, part] = parts_->next(steady_now());
  if (state == AnswerParts::State::kLost) return cut_off(first, kChangedMeanwhile);
  const bool last = state == AnswerParts::State::kWhole;
  if (!hold(last ? 0 : parts_->held_bytes()) || !try_write(part)) return end_for_memory(first);
  if (!last) return;
  parts_.reset();
  end_tls();
}

void TcpConnection::end_for_memory(bool may_answer) {
  if (!share_.gone()) owner_->on_limit(*this, ConnectionEnd::kMemory);
  cut_off(may_answer, kTooMuchIsSent);
}

void TcpConnection::cut_off(bool may_answer, std::string_view why) {
  if (!may_answer || share_.gone()) return close();
  parts_.reset();
  hold(0);
  write(render_text(503, why));
  end_tls();
}

void TcpConnection::keep_answer(std::string bytes) {
  kept_answer_ = std::move(bytes);
  if (share_.try_hold_answer(held_bytes())) return;
  free_memory(kept_answer_);
  answer(render_text(503, kTooMuchIsSent));
}

bool TcpConnection::hold(std::size_t bytes) {
  const std::size_t before = std::exchange(session_bytes_, bytes);
  if (share_.try_hold(held_bytes())) return true;
  session_bytes_ = before;
  return false;
}

// What strings reserved, not what they use.
std::size_t TcpConnection::held_bytes() const {
  return session_bytes_ + head_.capacity() + kept_answer_.capacity() + outgoing_.capacity() +
         next_.capacity();
}

void TcpConnection::answer_at_once(std::string_view bytes) {
  if (phase_ != Phase::kSession || writing()) return;
  phase_ = Phase::kAnswering;
  std::string wire(bytes);
  if (tls_) {
    tls_->put(bytes);
    tls_->end();
    wire = tls_->outgoing();
  }
  error_code error;
  socket_.write_some(asio::buffer(wire), error);
  if (!error) socket_.shutdown(Tcp::socket::shutdown_send, error);
  // A close on unread bytes resets the connection. What comes after this look is bad luck.
  std::array<char, kReadBytes> unread;
  for (int i = 0; i < kReadsAtEnd && !error; ++i) {
    socket_.read_some(asio::buffer(unread), error);
  }
}

void TcpConnection::send() {
  outgoing_.swap(next_);
  if (phase_ != Phase::kHead) {
    // Of an answer in parts one deadline, which each part moves.
    const TimePoint from = parts_ && deadline_ != kNever ? deadline_ : steady_now() + kSendDeadline;
    deadline_ = from + 1s * (outgoing_.size() / kSlowestReader);
  }
  asio::async_write(socket_, asio::buffer(outgoing_),
                    [self = shared_from_this()](const error_code& error, std::size_t) {
                      self->contain([&] { self->on_sent(error); });
                    });
}

void TcpConnection::on_sent(const error_code& error) {
  if (phase_ == Phase::kClosed) return;
  if (error) return close();
  free_memory(outgoing_);
  share_.hold(held_bytes());
  if (!next_.empty()) return send();
  if (parts_) return next_part();
  if (phase_ == Phase::kHead) return;  // of the handshake; the head has its own deadline
  deadline_ = kNever;
  if (phase_ != Phase::kAnswering) return;
  error_code failure;
  socket_.shutdown(Tcp::socket::shutdown_send, failure);
  if (failure || input_ended_) return close();
  phase_ = Phase::kDraining;
  deadline_ = steady_now() + kDrainDeadline;
}

// A closed socket takes nothing more of what is being sent.
void TcpConnection::give_up() {
  error_code ignored;
  // A client that takes the end of the connection for that of the body must not take this for it.
  const bool cut = phase_ == Phase::kAnswering && (parts_ || writing());
  if (cut) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  free_memory(outgoing_);
  free_memory(next_);
  free_memory(kept_answer_);
}

void TcpConnection::close() {
  if (phase_ == Phase::kClosed) return;
  give_up();
  phase_ = Phase::kClosed;
  parts_.reset();
  share_.release();
  if (!telling_) let_go();  // else `tell` goes on from here: the session is still at work
}

void TcpConnection::let_go() {
  session_.reset();
  owner_->on_closed(id_);
}

void TcpConnection::fail(std::string_view what) {
  const bool closed_while_told = std::exchange(telling_, false) && phase_ == Phase::kClosed;
  owner_->on_failure(*this, what);
  if (closed_while_told) return let_go();
  close();
}

void TcpConnection::sweep(TimePoint now) {
  if (phase_ == Phase::kSession) {
    tell([now](Session& session) { session.on_sweep(now); });
    if (phase_ == Phase::kClosed) return;
  }
  if (parts_ && !hold(parts_->held_bytes())) return end_for_memory(!parts_->begun());
  if (now < deadline_) return;
  if (phase_ == Phase::kHead) {
    owner_->on_limit(*this, ConnectionEnd::kSlowHead);
    return refuse_head(408, "no whole request head within 10 seconds", now);
  }
  if (phase_ != Phase::kDraining) owner_->on_limit(*this, ConnectionEnd::kSlowReader);
  close();
}

}  // namespace plotbridge::http
