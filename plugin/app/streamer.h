// All streams of the endpoint and the thread that turns them: queues on one side, connections on
// the other. Leaves to others: what the lines say (pipeline). Every public method may be called
// from any thread but the stream loop's own.
#pragma once

#include "plugin/app/endpoint_inquiry.h"
#include "plugin/app/outbox.h"
#include "plugin/app/stream_set.h"
#include "plugin/app/worker.h"
#include "plugin/base/rate_limit.h"
#include "plugin/config/config.h"
#include "plugin/http/curl_loop.h"
#include "plugin/http/curl_transport.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::app {

class Streamer {
 public:
  struct Options {
    std::string endpoint_url;
    stream::Connection::Options connection;
    OutboxOptions outbox;
    std::function<void(const RefusedLine&)> put_aside;
    http::ClientTls tls{};
    http::HttpProxy proxy{};
    /// The endpoint said that a stream's plot has lost its token. Stream loop's thread.
    std::function<void(std::size_t stream)> plot_lost{};
    Delivery delivery{};
    /// Told whether the endpoint acknowledges lines, when that is news. Stream loop's thread.
    std::function<void(bool acknowledges)> on_acks_known{};
    /// Who counts the lines, see http::CurlTransportOptions.
    std::string producer{};
    std::uint32_t epoch = 0;
  };

  Streamer(Options options, const std::vector<config::Stream>& streams);
  ~Streamer();
  Streamer(const Streamer&) = delete;
  Streamer& operator=(const Streamer&) = delete;

  /// Starts the thread and opens every stream.
  void start();
  /// Tries again what stands by or is parked.
  void retry();
  /// The same for one stream.
  void retry(std::size_t stream);
  /// Queues a line, with its newline, for stream number `stream`. One thread at a time.
  void push(std::size_t stream, const Line& line, const Arrival& arrival);
  /// The last line of a message was pushed: see Outbox. The thread that pushes.
  void end_message();
  /// Sends what is queued, ends every stream in good order and stops the thread, within `timeout`.
  /// What could not be sent is in the spool then, or lost.
  Outbox::Leftover drain(Duration timeout);
  /// See Outbox.
  bool wants_pause() const { return outbox_.wants_pause(); }
  void look_for_room() { outbox_.look_for_room(); }
  void maintain_spool(const Moment& now) {
    outbox_.maintain_spool(now);
    loop_.wake();
  }
  /// The program ends: no message waits for room any more.
  void stop_waiting() { outbox_.stop_waiting(); }

  std::vector<StreamStatus> statuses() const { return outbox_.statuses(); }
  DeliveryHistogram deliveries() const { return outbox_.deliveries(); }
  std::size_t memory_used() const { return outbox_.memory_used(); }
  /// Stands still when the loop does.
  std::uint64_t turns() const { return loop_.turns(); }
  /// Makes the loop turn, for whoever wants to see that it does.
  void nudge() { loop_.wake(); }

 private:
  OutboxOptions with_callbacks(OutboxOptions options);
  http::CurlLoop::Rest turn(TimePoint now);
  void report_loss(const Outbox::Loss& loss, TimePoint now);
  TimePoint work_on_store(TimePoint now);
  void note_answers();
  http::CurlLoop::Rest rest_after(std::size_t busy_streams, TimePoint now);

  queue::LineStore* store_;  // null: there is none
  Worker store_worker_;
  Outbox outbox_;
  http::CurlLoop loop_;
  std::vector<http::CurlTransportOptions> transports_;
  EndpointInquiry inquiry_;
  StreamSet set_;
  TimePoint last_turn_;
  TimePoint next_flush_;
  std::function<void(bool)> on_acks_known_;
  std::atomic<std::uint64_t> pushed_{0};
  std::uint64_t seen_ = 0;
  RateLimit loss_log_;  // of the thread that pushes
  std::thread thread_;

  std::atomic<bool> retry_wanted_{false};
  std::mutex retry_mutex_;
  std::vector<std::size_t> retry_streams_;
  std::atomic<bool> drain_wanted_{false};
  bool draining_ = false;
  std::mutex idle_mutex_;
  std::condition_variable idle_changed_;
  bool all_idle_ = false;
};

}  // namespace plotbridge::app
