#include "plugin/app/admin.h"

#include "plugin/app/version.h"
#include "plugin/encode/time_text.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>

namespace plotbridge::app {
namespace {

using Json = nlohmann::ordered_json;

std::string iso8601(WallTime time) {
  std::string text;
  encode::append_time(time, TimeFormat::kIso8601, text);
  return text.substr(1, text.size() - 2);  // without the quotes
}

Json to_json(const BrokerStatus& broker) {
  return {{"url", broker.url},
          {"connected", broker.connected},
          {"since", iso8601(broker.since)},
          {"reconnects", broker.reconnects},
          {"problem", broker.problem.empty() ? Json(nullptr) : Json(broker.problem)}};
}

Json to_json(const StreamStatus& stream, bool with_lines) {
  Json last_close = nullptr;
  if (stream.last_close) {
    last_close = {{"reason", stream::to_text(stream.last_close->reason)},
                  {"what", stream.last_close->what},
                  {"at", iso8601(stream.last_close->at)}};
  }
  Json put_aside = nullptr;
  if (stream.last_put_aside) {
    put_aside = {{"at", iso8601(stream.last_put_aside->at)},
                 {"why", stream.last_put_aside->why},
                 {"line", with_lines ? Json(stream.last_put_aside->line) : Json(nullptr)}};
  }
  return {{"name", stream.name},
          {"state", stream::to_text(stream.state)},
          {"since", iso8601(stream.since)},
          {"lines_sent", stream.sent_lines},
          {"lines_per_second", std::round(stream.lines_per_second * 10) / 10},
          {"queued", stream.queued},
          {"spooled", stream.spooled},
          {"evictions", stream.evictions()},
          {"reconnects", stream.reconnects()},
          {"last_close", std::move(last_close)},
          {"put_aside", stream.put_aside()},
          {"odd_acknowledgements", stream.odd_acknowledgements},
          {"last_put_aside", std::move(put_aside)}};
}

/// What of the errors' words was published is shown on this machine alone.
Json to_json(const RouteCounts& route, bool with_words) {
  Json errors = Json::object();
  for (const auto& [kind, count] : route.decode_errors) errors[kind] = count;
  Json last = nullptr;
  if (route.last_error) {
    last = {{"error", route.last_error->kind},
            {"why", with_words ? Json(route.last_error->why) : Json(nullptr)},
            {"offset", route.last_error->offset},
            {"at", iso8601(route.last_error->at)}};
  }
  return {{"topic", route.topic},
          {"messages", route.messages},
          {"points", route.points},
          {"errors", std::move(errors)},
          {"last_error", std::move(last)}};
}

/// Messages that no route counts as its own, and such of all routes that were too much.
Json lost_messages(const MetricsInput& input) {
  const bool broker = input.broker.has_value();
  return {{"unrouted", input.pipeline->unrouted},
          {"oversize", broker ? input.broker->oversize_messages : 0},
          {"poison", input.pipeline->poison()}};
}

Json to_json(const queue::LineStore::Gauges& spool) {
  return {{"bytes", spool.bytes},
          {"oldest_age_seconds", std::chrono::duration<double>(spool.oldest_age).count()},
          {"degraded", spool.degraded},
          {"damaged_records", spool.damaged}};
}

AdminAnswer plain(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body) + "\n"};
}

}  // namespace

AdminAnswer Admin::get(std::string_view path, Reader reader) const {
  if (path == "/healthz") return health();
  if (path == "/readyz") return ready();
  if (path == "/status") return status(reader);
  if (path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8", render_metrics(sources_.snapshot())};
  }
  return plain(404, "no such page; there are /healthz /readyz /status /metrics");
}

AdminAnswer Admin::health() const {
  const std::string_view stalled = sources_.stalled_loop();
  if (stalled.empty()) return plain(200, "ok");
  return plain(503, "the " + std::string(stalled) + " loop stands still");
}

AdminAnswer Admin::ready() const {
  const MetricsInput input = sources_.snapshot();
  if (!input.broker) return plain(503, "no broker is configured");
  if (!input.broker->connected) {
    return plain(503, "the broker is not connected: " + input.broker->problem);
  }
  return plain(200, "ready");
}

AdminAnswer Admin::status(Reader reader) const {
  const MetricsInput input = sources_.snapshot();
  Json answer;
  answer["version"] = version();
  answer["broker"] = input.broker ? to_json(*input.broker) : Json(nullptr);
  answer["spool"] = input.spool ? to_json(*input.spool) : Json(nullptr);
  answer["messages"] = input.pipeline ? lost_messages(input) : Json(nullptr);
  answer["routes"] = Json::array();
  if (input.pipeline) {
    for (const RouteCounts& route : input.pipeline->routes) {
      answer["routes"].push_back(to_json(route, reader == Reader::kOfThisMachine));
    }
  }
  answer["streams"] = Json::array();
  for (const StreamStatus& stream : input.streams) {
    answer["streams"].push_back(to_json(stream, reader == Reader::kOfThisMachine));
  }
  return {200, "application/json",
          answer.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

}  // namespace plotbridge::app
