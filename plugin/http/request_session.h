// A request with a body that is small enough to be read whole before it is answered. Leaves to
// others: the answer. Loop thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/chunked_decoder.h"
#include "plugin/http/request_head.h"
#include "plugin/http/session.h"
#include "plugin/http/tcp_connection.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::http {

class RequestSession : public Session {
 public:
  /// Sees to it that the connection is answered, now or later.
  using Respond = std::function<void(std::string body)>;

  /// The whole answer to a body that is not read.
  using Refuse = std::function<std::string(int status, std::string_view text)>;

  /// Looks at the beginning of a body: whether it proves who sends it.
  using Proves = std::function<bool(std::string_view body)>;

  /// `connection` outlives the session. The callbacks hold `kept_bytes`, until they have answered.
  /// Bodies longer than `most_bytes` get 413, ones that take
  /// longer than 30 s 408, ones for which the server has no room 503. `proves` is asked a few times
  /// while a body comes, until it is true.
  RequestSession(TcpConnection& connection, Respond respond, Refuse refuse, std::size_t most_bytes,
                 std::size_t kept_bytes, Proves proves = nullptr);

  /// `respond` takes long: it waits for its turn. Before `start`.
  void answer_in_turn() { in_turn_ = true; }

  /// Reads on, or answers at once when there is no body.
  void start(const RequestHead& head, TimePoint now);

  void on_bytes(std::string_view bytes, TimePoint now) override;
  void on_end_of_input(TimePoint now) override;
  void on_turn(TimePoint now) override;
  void on_sweep(TimePoint now) override;

 private:
  void take_chunks(std::string_view bytes);
  bool take_slice(std::string_view bytes);
  void look_for_proof();
  void append(std::string_view bytes);
  bool hold();
  void answer();
  void respond();
  void refuse(int status, std::string_view text);

  TcpConnection& connection_;
  Respond respond_;
  Refuse refuse_;
  std::size_t most_bytes_;
  std::size_t kept_bytes_;
  std::string body_;
  Proves proves_;
  std::size_t look_at_ = 0;  // the body is shown to `proves_` when it is so long
  bool in_turn_ = false;
  bool chunked_ = false;
  std::uint64_t missing_ = 0;
  endpoint::ChunkedDecoder decoder_;
  TimePoint deadline_ = kNever;
};

}  // namespace plotbridge::http
