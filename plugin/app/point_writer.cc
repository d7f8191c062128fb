#include "plugin/app/point_writer.h"

#include "plugin/base/log.h"
#include "plugin/base/scratch.h"
#include "plugin/base/utf8.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {
namespace {

constexpr std::size_t kTopicShown = 200;
constexpr std::size_t kKeptLineBytes = std::size_t{64} << 10;

Arrival arrival_of(const Message& message) {
  return {message.received_mono, message.received_at, message.qos > 0};
}

}  // namespace

PointWriter::PointWriter(const config::Config& config, TakeLine take_line)
    : take_line_(std::move(take_line)) {
  for (std::size_t i = 0; i < config.streams.size(); ++i) {
    stream_numbers_.emplace(config.streams[i].name, i);
    time_formats_.push_back(config.streams[i].time_format);
  }
}

void PointWriter::end_message() { trim_scratch(line_, kKeptLineBytes); }

void PointWriter::find_streams(Series& series, const ValueOf& value_of) {
  for (const CaptureTemplate& text : series.route->plan.templates()) {
    series.rendered.push_back(text.render(value_of).value_or(""));
    budget_.charge_text(series.rendered.back().size());
  }
  for (const CaptureTemplate& stream : series.route->streams) {
    const std::string name = stream.render(value_of).value_or("");
    budget_.charge_text(name.size());
    const auto known = stream_numbers_.find(name);
    if (known == stream_numbers_.end()) {
      series.no_streams.push_back(name);
    } else if (std::find(series.streams.begin(), series.streams.end(), known->second) ==
               series.streams.end()) {
      series.streams.push_back(known->second);
    }
  }
}

bool PointWriter::admits_more(RoutePlan& route, const Message& message) {
  if (budget_.exceeded() == MessageBudget::Exceeded::kNothing) return true;
  too_large(route, message);
  return false;
}

bool PointWriter::has_streams(const Series& series, const Message& message,
                              std::string_view advice) {
  for (const std::string& name : series.no_streams) {
    const std::string shown(explain_ ? name : whole_characters(name, RouteErrors::kWhyShown));
    unrouted(no_stream_, message, "no stream is called \"" + shown + "\"", advice);
  }
  return !series.streams.empty();
}

void PointWriter::write_sample(Series& series, const Message& message,
                               std::span<const Value> slots) {
  RoutePlan& route = *series.route;
  if (!budget_.admit_point(slots)) return too_large(route, message);
  if (!route.wants(slots)) {
    route.filtered_when.fetch_add(1, std::memory_order_relaxed);
    if (explain_) {
      explain_(route.topic, "filtered by `when`: field " + route.when_field + " is not as asked");
    }
    return;
  }
  const shape::Context context{message.received_at, message.topic, series.rendered};
  if (auto problem = route.plan.shape(slots, context, values_)) {
    if (!fields_.empty() && problem->kind == "missing_field") {
      problem->message += "; it has " + fields_;
    }
    if (route.decoder && budget_.route_points() > 1) {
      problem->message +=
          "; in point " + std::to_string(budget_.route_points()) + " of the message";
    }
    decode_error(route, message, {problem->kind, std::move(problem->message), 0});
    return;
  }
  if (!explain_ && !route.admits(series.deadband, values_, message.received_mono)) {
    route.filtered_deadband.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  write(series, message);
}

void PointWriter::write(const Series& series, const Message& message) {
  RoutePlan& route = *series.route;
  std::optional<TimeFormat> written;
  Line line;
  for (const std::size_t stream : series.streams) {
    if (written != time_formats_[stream]) {
      written = time_formats_[stream];
      line_.clear();
      line = route.encoder(*written).encode(values_, line_);
    }
    if (line.bytes.empty()) {
      budget_.charge_long_line();
      return decode_error(route, message,
                          {"line_too_long",
                           "the line of a point would be longer than " +
                               std::to_string(kMaxLineBytes >> 20) + " MiB: it is left out",
                           0});
    }
    if (!hand_out(route, stream, line, message)) return;
  }
  route.count_point();
}

bool PointWriter::hand_out(RoutePlan& route, std::size_t stream, const Line& line,
                           const Message& message) {
  if (!budget_.admit_line(line.bytes.size())) {
    too_large(route, message);
    return false;
  }
  take_line_(stream, line, arrival_of(message));
  return true;
}

bool PointWriter::admits_decoding(RoutePlan& route, const Message& message) {
  if (budget_.admit_decoding()) {
    if (explain_) fields_ = route.decoder->fields_of(message.payload);
    return true;
  }
  too_large(route, message);
  return false;
}

void PointWriter::too_large(RoutePlan& route, const Message& message) {
  if (!budget_.tell()) return;
  if (budget_.exceeded() == MessageBudget::Exceeded::kPoints) {
    return decode_error(
        route, message,
        {"too_many_points",
         "all routes together make more than " + std::to_string(budget_.max_points()) +
             " points of it (the largest decode.max_points of its routes): the "
             "rest of it is left out; raise decode.max_points, or publish less at "
             "once",
         0});
  }
  decode_error(route, message,
               {"too_large",
                "its lines take more than " + std::to_string(kMaxMessageLineBytes >> 20) +
                    " MiB together, its values and texts more than " +
                    std::to_string(MessageBudget::kMaxValueBytes >> 20) +
                    " MiB, or its routes together decode more than " +
                    std::to_string(MessageBudget::kMaxDecodedBytes >> 20) +
                    " MiB: the rest of it is left out; publish less at once",
                0});
}

void PointWriter::failed(RoutePlan& route, const Message& message, DecodeErrorKind kind,
                         std::string_view why) {
  std::string().swap(line_);
  decode_error(route, message, {kind, std::string(why), 0});
}

void PointWriter::write_gap(RoutePlan& route, std::size_t stream,
                            const std::vector<std::string>& rendered, const Message& message,
                            std::span<const Value> slots) {
  if (!budget_.admit_point(slots)) return too_large(route, message);
  const shape::Context context{message.received_at, message.topic, rendered};
  if (route.plan.shape(slots, context, values_)) return;
  if (route.y() < values_.size()) values_[route.y()] = Value::null();
  line_.clear();
  const Line line = route.encoder(time_formats_[stream]).encode(values_, line_);
  if (!line.bytes.empty()) hand_out(route, stream, line, message);
}

void PointWriter::decode_error(RoutePlan& route, const Message& message,
                               const decode::DecodeError& error) {
  const auto suppressed = route.errors.add(error.kind, error.message, error.offset,
                                           message.received_at, message.received_mono);
  if (explain_) {
    return explain_(route.topic, std::string(std::string_view(error.kind)) + ": " + error.message);
  }
  if (!suppressed) return;
  log::warning("message not decoded",
               {{"route", route.topic},
                {"topic", whole_characters(message.topic, kTopicShown)},
                {"error", std::string_view(error.kind)},
                {"offset", error.offset},
                {"why", whole_characters(error.message, RouteErrors::kWhyShown)},
                {"suppressed", *suppressed}});
}

void PointWriter::unrouted(Unrouted& kind, const Message& message, std::string_view why,
                           std::string_view advice) {
  unrouted_.fetch_add(1, std::memory_order_relaxed);
  if (explain_) return explain_("", std::string(why) + ": " + std::string(advice));
  const auto topic = whole_characters(message.topic, kTopicShown);
  why = whole_characters(why, RouteErrors::kWhyShown);  // it may name all of a metric's name
  std::optional<std::uint64_t> suppressed;
  {
    const std::lock_guard lock(unrouted_mutex_);
    kind.topic = topic;
    kind.why = why;
    suppressed = kind.gate.admit(message.received_mono, RouteErrors::kLogInterval);
  }
  if (!suppressed) return;
  log::warning("message not routed",
               {{"topic", topic}, {"why", why}, {"hint", advice}, {"suppressed", *suppressed}});
}

void PointWriter::log_suppressed(TimePoint now, Duration age) {
  for (Unrouted* kind : {&no_route_, &no_stream_}) {
    std::unique_lock lock(unrouted_mutex_);
    const std::uint64_t messages = kind->gate.take_suppressed(now, age);
    if (messages == 0) continue;
    const std::string topic = kind->topic;
    const std::string why = kind->why;
    lock.unlock();
    log::warning("more messages not routed",
                 {{"last_topic", topic}, {"last_why", why}, {"suppressed", messages}});
  }
}

}  // namespace plotbridge::app
