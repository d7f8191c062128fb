// One stream at work: performs what its state machine decides, over its transport and its queue,
// and tells the log. The stream loop's thread only.
#pragma once

#include "plugin/app/intake.h"
#include "plugin/http/curl_transport.h"
#include "plugin/stream/connection.h"
#include "plugin/stream/in_flight.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>

namespace plotbridge::app {

/// What all streams of one endpoint share.
struct StreamDriverContext {
  Intake& intake;
  http::CurlReactor& reactor;
  std::mt19937_64& random;
  stream::Connection::Options connection;
  /// Tells that the stream wants `turn` at a time.
  std::function<void(std::size_t stream, TimePoint at)> schedule;
};

class StreamDriver : public stream::TransportClient {
 public:
  StreamDriver(StreamDriverContext& context, std::size_t stream, std::string name,
               http::CurlTransportOptions transport, TimePoint now);

  void open(TimePoint now);
  void drain(TimePoint now);
  /// There are new lines.
  void lines_queued();
  /// A time that was scheduled has come.
  void turn(TimePoint now);

  /// Closes whatever is open, without a word: the program ends now.
  void abandon() { transport_.close(); }

  /// Any thread.
  const std::string& name() const { return name_; }
  bool idle() const { return connection_.state() == stream::State::kIdle; }

  void on_connected() override;
  std::size_t fill(std::span<char> room) override;
  void on_ended(const stream::Ending& ending) override;

 private:
  void perform(const stream::Actions& actions, const stream::Ending* ending);
  void report(const stream::Actions::Transition& transition, const stream::Ending& ending);
  void release_acknowledged();
  void wait_for_deadline();
  double random();

  StreamDriverContext& context_;
  std::size_t stream_;
  std::string name_;
  http::CurlTransportOptions transport_options_;
  stream::Connection connection_;
  stream::InFlight in_flight_;
  std::size_t offset_ = 0;  // of the line that is half on the wire
  bool heartbeat_due_ = false;
  bool draining_ = false;
  TimePoint send_at_ = kNever;
  http::CurlTransport transport_;
};

}  // namespace plotbridge::app
