// From a sample to the lines of its streams: filters, shape and encoding, and the counts and log
// lines of what gave none. Not responsible for: decoding (pipeline, sparkplug_feed) and what
// becomes of lines. `unrouted_messages` and `log_suppressed` may be called from any thread, the
// rest belongs to the pipeline's.
#pragma once

#include "plugin/app/message_budget.h"
#include "plugin/app/route_plan.h"
#include "plugin/app/series.h"
#include "plugin/base/line_gate.h"
#include "plugin/config/config.h"
#include "plugin/model/arrival.h"
#include "plugin/model/line.h"
#include "plugin/model/message.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace plotbridge::app {

class PointWriter {
 public:
  /// A line, with its newline, for stream number `stream` of the configuration.
  using TakeLine =
      std::function<void(std::size_t stream, const Line& line, const Arrival& arrival)>;
  /// Why a message, or a part of it, gave no line: the route (empty: none) and a sentence.
  using Explain = std::function<void(std::string_view route, const std::string& why)>;
  /// What a template's capture stands for.
  using ValueOf = std::function<std::optional<std::string_view>(std::string_view name)>;

  PointWriter(const config::Config& config, TakeLine take_line);

  /// From now on `explain` is told what else would be logged and counted, and the deadband is
  /// ignored: for looking at single messages.
  void explain(Explain explain) { explain_ = std::move(explain); }
  /// Tells it `why()` where somebody asked.
  template <class Why>
  void explain_with(std::string_view route, Why why) {
    if (explain_) explain_(route, why());
  }

  /// Around each message: what it may cost begins anew, and its memory is given back.
  void begin_message() { budget_.begin(); }
  /// For each route that the message goes by, before the first of them.
  void allow_points(const RoutePlan& route) { budget_.allow_points(route.max_points); }
  void end_message();
  bool was_large() const { return budget_.was_large(); }
  /// Carries out a route's share of the message. An exception, of want of memory too, costs that
  /// share: it is counted and logged, and the message counts as handled, so that it does not come
  /// back.
  template <class Step>
  void survive(RoutePlan& route, const Message& message, Step step) {
    budget_.begin_route();
    try {
      step();
    } catch (const std::bad_alloc&) {
      failed(route, message, "out_of_memory", "there is not enough memory");
    } catch (const std::exception& error) {
      failed(route, message, "internal", error.what());
    }
  }

  /// Whether one more route may decode the message; if not, this is counted and logged.
  bool admits_decoding(RoutePlan& route, const Message& message);
  void charge_decoded(std::size_t bytes) { budget_.charge_decoded(bytes); }
  /// Names that are looked at to choose what becomes a point.
  void charge_text(std::size_t bytes) { budget_.charge_text(bytes); }

  /// The streams and texts that the route's templates give. Their bytes count for the message.
  void find_streams(Series& series, const ValueOf& value_of);
  /// Whether the message may still become points; if not, this is counted and logged.
  bool admits_more(RoutePlan& route, const Message& message);
  /// Counts the streams of the series that nobody configured; whether there are others.
  bool has_streams(const Series& series, const Message& message, std::string_view advice);
  void write_sample(Series& series, const Message& message, std::span<const Value> slots);
  /// One point with `y: null` for one stream: what is behind it is no longer heard.
  void write_gap(RoutePlan& route, std::size_t stream, const std::vector<std::string>& rendered,
                 const Message& message, std::span<const Value> slots);

  void decode_error(RoutePlan& route, const Message& message, const decode::DecodeError& error);
  void no_route(const Message& message) {
    unrouted(no_route_, message, "no route takes this topic", "add a route whose topic matches it");
  }
  /// Logs how many unrouted messages were suppressed in the log since a line older than `age`. Any
  /// thread.
  void log_suppressed(TimePoint now, Duration age);
  std::uint64_t unrouted_messages() const { return unrouted_.load(std::memory_order_relaxed); }

 private:
  /// Messages without a route, or without a stream.
  struct Unrouted {
    LineGate gate;
    std::string topic;  // of the last one
    std::string why;
  };

  void unrouted(Unrouted& kind, const Message& message, std::string_view why,
                std::string_view advice);
  void write(const Series& series, const Message& message);
  /// False: nothing more of the message is to be written.
  bool hand_out(RoutePlan& route, std::size_t stream, const Line& line, const Message& message);
  void too_large(RoutePlan& route, const Message& message);
  void failed(RoutePlan& route, const Message& message, DecodeErrorKind kind, std::string_view why);

  std::unordered_map<std::string, std::size_t> stream_numbers_;
  std::vector<TimeFormat> time_formats_;  // of the streams
  TakeLine take_line_;
  Explain explain_;
  std::string fields_;  // that the payload has, for `explain_`
  std::atomic<std::uint64_t> unrouted_{0};
  std::mutex unrouted_mutex_;
  Unrouted no_route_;
  Unrouted no_stream_;
  MessageBudget budget_;
  // Scratch, kept to save allocations.
  std::vector<Value> values_;
  std::string line_;
};

}  // namespace plotbridge::app
