// One streaming POST on its connection: hands body bytes to endpoint::Upload, sends the answer it
// ends with, logs and counts. Leaves to others: ending those that it evicts (endpoint_server),
// acknowledging lines (ack_answer). Loop thread.
#pragma once

#include "plugin/base/log.h"
#include "plugin/base/rate_limit.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/upload.h"
#include "plugin/http/ack_answer.h"
#include "plugin/http/endpoint_counters.h"
#include "plugin/http/kept_answers.h"
#include "plugin/http/request_head.h"
#include "plugin/http/session.h"
#include "plugin/http/tcp_connection.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::http {

/// What the sessions of one server share.
struct UploadContext {
  endpoint::Endpoint& endpoint;
  EndpointCounters& counters;
  RateLimit& complaints;
  /// Ends the connection whose stream was taken.
  std::function<void(const endpoint::Upload::Evicted&)> evict;
  KeptAnswers& answers;
};

class UploadSession : public Session {
 public:
  /// All of them outlive the session.
  UploadSession(TcpConnection& connection, const UploadContext& context);
  ~UploadSession() override;

  /// Opens the stream or answers why not.
  void start(const RequestHead& head, TimePoint now);

  /// Ends the stream from outside with its answer. `by_itself`: because the same producer came
  /// again.
  void end(endpoint::Status status, bool by_itself = false);
  /// More is kept.
  void on_kept(TimePoint now);
  /// Ends it because the server stops. False: it had ended, or who numbers his lines is to be told
  /// later.
  bool end_for_restart();
  /// Gives the stream back without a word, but to who numbers his lines: the server goes.
  void abandon();

  void on_bytes(std::string_view bytes, TimePoint now) override;
  void on_end_of_input(TimePoint now) override;
  void on_sweep(TimePoint now) override;

 private:
  void note_new_streams();
  void tell(log::Level level, std::string_view what, endpoint::StreamId stream,
            std::vector<log::Field> fields);
  void prove();
  void finish();
  std::string stream_names() const;
  void refuse(endpoint::Status status, TimePoint now);
  void count_lines(TimePoint now);
  void note_end(StreamEnd end, std::string_view why);
  void publish_streams();

  TcpConnection& connection_;
  const UploadContext& context_;
  endpoint::Upload upload_;
  std::optional<AckAnswer> acks_;  // of who numbers his lines
  bool numbers_ = false;
  bool polite_ = false;
  bool ended_by_itself_ = false;
  std::size_t noted_streams_ = 0;
  std::uint64_t counted_lines_ = 0;
  std::uint64_t counted_skipped_lines_ = 0;
  std::uint64_t counted_cut_lines_ = 0;
  bool finished_ = false;
};

}  // namespace plotbridge::http
