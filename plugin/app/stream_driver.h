// One stream at work: performs what its state machine decides, over its transport and its outbox.
// Not responsible for: what has arrived (stream_delivery), words for the log (stream_report), whose
// turn it is (stream_set). The stream loop's thread only.
#pragma once

#include "plugin/app/delivery.h"
#include "plugin/app/outbox.h"
#include "plugin/app/stream_delivery.h"
#include "plugin/app/stream_report.h"
#include "plugin/stream/connection.h"
#include "plugin/stream/transport.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>

namespace plotbridge::app {

/// What all streams of one endpoint share.
struct StreamContext {
  Outbox& outbox;
  std::mt19937_64 random;
  stream::Origin origin;
  stream::Connection::Options connection;
  std::function<TimePoint()> now;
  std::function<std::unique_ptr<stream::Transport>(std::size_t stream, stream::TransportClient&)>
      make_transport;
  std::function<void(const RefusedLine&)> put_aside;
  std::function<void(std::size_t stream)> plot_lost{};
  Delivery delivery{};
  ReportedChanges reported{};
  /// Tells that the stream wants `turn` at a time.
  std::function<void(std::size_t stream, TimePoint at)> schedule{};
};

class StreamDriver : public stream::TransportClient {
 public:
  StreamDriver(StreamContext& context, std::size_t stream, std::string name);

  /// At the start, or because a person asks; nothing happens where it is open or on its way.
  void open();
  void drain();
  /// There are new lines.
  void lines_queued();
  /// A time that was scheduled has come.
  void turn();
  /// The endpoint was asked what it has of this stream, and has these lines.
  void endpoint_has(std::span<const OffsetRange> offsets) { note_have(offsets, true); }
  /// It is known now whether the endpoint acknowledges lines, or anew.
  void endpoint_answered();

  /// Closes whatever is open, without a word: the program ends now.
  void abandon() { transport_->close(); }

  /// Any thread.
  const std::string& name() const { return name_; }
  stream::State state() const { return connection_.state(); }

  void on_connected() override;
  std::size_t fill(std::span<char> room) override;
  void on_have(std::span<const OffsetRange> offsets) override;
  void on_ended(const stream::Ending& ending) override;

 private:
  void perform(const stream::Actions& actions, const stream::Ending* ending);
  void dial();
  void open_connection();
  void give_up_asking();
  void end_stalled();
  void account_for_lines(const stream::Actions& actions, const stream::Ending* ending);
  Outbox::Filled next_lines(std::span<char> room, TimePoint now);
  std::size_t send_nothing(bool at_limit, TimePoint now);
  void note_have(std::span<const OffsetRange> offsets, bool asked);
  void note_durability();
  void note_tcp(TimePoint now);
  void put_refused_aside();
  void wait_for_deadline();
  stream::Moment moment();

  StreamContext& context_;
  std::size_t stream_;
  std::string name_;
  stream::Connection connection_;
  StreamDelivery delivery_;
  bool heartbeat_due_ = false;
  bool waits_for_store_ = false;
  TimePoint dial_at_ =
      kNever;  // it has to be dialled, and whether the endpoint acknowledges is asked
  TimePoint send_at_ = kNever;
  TimePoint ask_at_ = kNever;   // when to end the body, while a bad line is looked for
  TimePoint stop_at_ = kNever;  // when to send no more, because the program ends
  bool was_away_ = true;
  std::string refusal_;  // of the last line that was refused
  std::unique_ptr<stream::Transport> transport_;
};

}  // namespace plotbridge::app
