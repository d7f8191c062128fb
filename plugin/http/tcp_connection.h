// One accepted connection, plain or in TLS: its request head, then a session that takes what
// follows, at last an answer, the half-close and the draining, because a close on unread bytes
// would reset the connection and the client would never see its answer. Counts all that it holds
// against the server's budget. What is thrown on its behalf ends it and nothing else. Not
// responsible for: what a request means (session.h). Loop thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/http/answer_parts.h"
#include "plugin/http/asio.h"
#include "plugin/http/connection_budget.h"
#include "plugin/http/connection_end.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"
#include "plugin/http/server_port.h"
#include "plugin/http/session.h"
#include "plugin/http/tls_session.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::http {

/// For reading what is sent, and a second more for each so many bytes: who takes longer is hostile.
inline constexpr Duration kSendDeadline = std::chrono::seconds(30);
inline constexpr std::size_t kSlowestReader = 32 * 1024;

class TcpConnection : public std::enable_shared_from_this<TcpConnection> {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// Must `attach` a session or `answer`.
    virtual void on_head(TcpConnection& connection, const RequestHead& head, TimePoint now) = 0;
    /// No head that can be read came; the connection answers by itself.
    virtual void on_bad_head(TcpConnection& connection, std::string_view why, TimePoint now) = 0;
    /// Must call `on_turn` later, once, unless it is closed by then.
    virtual void on_wait_for_turn(TcpConnection& connection) = 0;
    /// A limit ended it, or refuses what it asked for.
    virtual void on_limit(TcpConnection& connection, ConnectionEnd why) = 0;
    /// Something was thrown; the connection ends.
    virtual void on_failure(TcpConnection& connection, std::string_view what) = 0;
    /// The last call for this connection; its session is gone.
    virtual void on_closed(ConnectionId id) = 0;
  };

  /// `owner` and `budget` outlive the connection or close it.
  TcpConnection(ConnectionId id, Tcp::socket socket, std::shared_ptr<const ServerPort> port,
                Owner& owner, ConnectionBudget& budget);

  void start(TimePoint now);
  void attach(std::unique_ptr<Session> session);

  /// Sends a few bytes, and whatever was not sent yet before them.
  void write(std::string_view bytes);
  /// The same for many. False: there is no room for them, and nothing is sent.
  bool try_write(std::string_view bytes);
  /// Whether bytes are on their way.
  bool writing() const { return !outgoing_.empty(); }

  /// Sends a whole answer, or 503 when there is no room for it, then ends the connection in good
  /// order.
  void answer(std::string_view bytes);
  /// The same; a rest goes out part by part, of which the connection holds one. Of who proved
  /// nothing each part waits for a turn. To HEAD nothing of the rest is
  /// made. Ends it with a reset, in the middle, when there is no room for a part or the rest is
  /// lost.
  void answer(HttpResponse response, const RequestHead& head);
  /// The session wants to do something that is large, for which who proved nothing waits.
  void wait_for_turn() { owner_->on_wait_for_turn(*this); }
  /// What waited for it goes on.
  void on_turn(TimePoint now);
  /// Holds an answer that has to wait for something, then sends it.
  void keep_answer(std::string bytes);
  void answer_kept() { answer(std::exchange(kept_answer_, {})); }
  /// Sends a whole answer as far as that goes without waiting; nothing when something is on its
  /// way. It is for the caller to close.
  void answer_at_once(std::string_view bytes);
  /// Ends it at once.
  void close();
  /// Its share was taken: what it was to send is not sent any more. For it to be closed later.
  void give_up();
  /// Ends what took too long.
  void sweep(TimePoint now);

  /// What the connection has shown to be; its session finds out. False: too many have.
  bool prove(Standing standing) { return share_.prove(standing); }
  Standing standing() const { return share_.standing(); }
  /// What the session holds for it now, all in all. False: there is no room for so much.
  bool hold(std::size_t bytes);
  /// A limit of the session's ended it, or refuses what it asked for.
  void note_limit(ConnectionEnd why) {
    if (!share_.gone()) owner_->on_limit(*this, why);  // else it was told as its share was taken
  }
  /// Does `work`, and ends this connection when that throws.
  template <class Work>
  void contain(Work work) {
    try {
      work();
    } catch (const std::exception& error) {
      fail(error.what());
    } catch (...) {
      fail("an exception of no known kind");
    }
  }

  ConnectionId id() const { return id_; }
  /// Address and port of the client.
  const std::string& peer() const { return peer_; }
  /// The same as limits count it.
  const PeerAddress& address() const { return share_.peer(); }
  /// Where it was accepted.
  const ServerPort& port() const { return *port_; }
  bool encrypted() const { return port_->certificate != nullptr; }

 private:
  enum class Phase : std::uint8_t { kHead, kSession, kAnswering, kDraining, kClosed };

  void wait_readable();
  void on_readable(const error_code& error);
  void take_wire(std::string_view bytes, TimePoint now);
  void take(std::string_view bytes, TimePoint now);
  void take_head(std::string_view bytes, TimePoint now);
  void refuse_head(int status, std::string_view text, TimePoint now);
  void take_end_of_input(TimePoint now);
  void send_wire(std::string_view bytes);
  void end_tls();
  void next_part();
  void send_part();
  void end_for_memory(bool may_answer);
  /// Ends an answer in parts before its end: with 503 as long as nothing of it was sent.
  void cut_off(bool may_answer, std::string_view why);
  void send();
  void on_sent(const error_code& error);
  template <class Tell>
  void tell(Tell tell_it) {
    telling_ = true;
    tell_it(*session_);
    telling_ = false;
    if (phase_ == Phase::kClosed) let_go();
  }
  void read();
  void fail(std::string_view what);
  void let_go();
  std::size_t held_bytes() const;

  ConnectionId id_;
  Tcp::socket socket_;
  std::shared_ptr<const ServerPort> port_;
  Owner* owner_;
  std::string peer_;
  ConnectionBudget::Share share_;
  std::size_t session_bytes_ = 0;
  std::string kept_answer_;
  std::unique_ptr<AnswerParts> parts_;  // null: all of the answer is on its way
  Duration parts_left_{};               // for reading it, while it waits for a turn
  std::unique_ptr<TlsSession> tls_;     // null: plain, or its handshake has not begun
  std::unique_ptr<Session> session_;
  std::string head_;
  std::string outgoing_;  // being sent
  std::string next_;      // to be sent after that
  TimePoint deadline_ = kNever;
  Phase phase_ = Phase::kHead;
  bool input_ended_ = false;
  bool telling_ = false;
  bool waits_to_read_ = false;  // for its turn
};

}  // namespace plotbridge::http
