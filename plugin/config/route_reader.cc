#include "plugin/config/route_reader.h"

#include "plugin/config/decode_reader.h"
#include "plugin/config/did_you_mean.h"
#include "plugin/config/filter_reader.h"
#include "plugin/config/point_reader.h"
#include "plugin/route/topic_filter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace plotbridge::config {
namespace {

using Captures = std::optional<std::vector<std::string>>;

std::string braces(const std::vector<std::string>& captures) {
  std::string text;
  for (const std::string& name : captures) text += (text.empty() ? "{" : " {") + name + '}';
  return text.empty() ? "nothing" : text;
}

/// The texts under `key`, those that are there twice told.
std::vector<MapReader::Text> distinct_texts(const MapReader& map, std::string_view key) {
  auto texts = map.texts(key);
  std::unordered_set<std::string_view> seen;
  for (const auto& [node, path] : texts) {
    if (!seen.insert(node->text).second) {
      map.mistakes().add(node->mark, path, shown(node->text) + " is there twice: remove one");
    }
  }
  return texts;
}

/// What all topics capture, sorted; nothing when one of them is wrong.
Captures read_topics(const MapReader& map, Route& route) {
  map.require("topic", "which messages, for example plant/{line}/temperature");
  Captures common;
  bool good = true;
  for (const auto& [node, path] : distinct_texts(map, "topic")) {
    const auto filter = route::TopicFilter::parse(node->text);
    if (!filter) {
      map.mistakes().add(node->mark, path, filter.error().message);
      good = false;
      continue;
    }
    route.topics.push_back(node->text);
    auto captures = filter->captures();
    std::ranges::sort(captures);
    if (!common) {
      common = std::move(captures);
    } else if (*common != captures) {
      map.mistakes().add(node->mark, path,
                         "captures " + braces(captures) + ", an earlier topic of this route " +
                             braces(*common) + ": all must capture the same");
      good = false;
    }
  }
  return good ? common : std::nullopt;
}

void read_route_streams(const MapReader& map, const Captures& captures, Route& route,
                        StreamTable& table) {
  map.require("stream", "which stream gets the points");
  for (const auto& [node, path] : distinct_texts(map, "stream")) {
    auto stream = CaptureTemplate::parse(node->text);
    if (!stream) {
      map.mistakes().add(node->mark, path, stream.error().message);
      continue;
    }
    if (stream->has_captures()) {
      check_captures(*stream, captures, node->mark, path, map.mistakes());
    } else {
      table.use({node->text, path, node->mark});
    }
    route.streams.push_back(*std::move(stream));
  }
}

// Without `point` y is $value, which a payload of several columns or fields does not have.
void require_point(const MapReader& map, const PayloadFields& payload) {
  const auto value = payload.find("$value");
  if (!value) map.require("point", "without it y is $value; " + value.error().message);
}

Route read_route(const MapReader& map, const decode::ProtoSchemas* schemas, StreamTable& table) {
  Route route;
  Captures captures = read_topics(map, route);
  std::int64_t qos = route.qos;
  map.integer("qos", 0, 2, qos);
  route.qos = static_cast<int>(qos);
  map.choice("retained", {{"skip", false}, {"use", true}}, route.use_retained);
  const auto decode_map = map.map("decode");
  const auto payload =
      decode_map ? read_decode(*decode_map, schemas) : std::optional(PayloadFields{});
  if (payload) route.decode = payload->decode();
  if (captures && route.decode.type == DecodeType::kSparkplug) {
    for (const char* name : {"group", "edge_node", "device", "metric"}) captures->push_back(name);
  }
  const auto point = map.map("point");
  if (payload) require_point(map, *payload);
  route.point = point ? read_point(*point, {payload, captures}) : default_point(route.decode.type);
  if (const auto when = map.map("when")) route.when = read_when(*when, payload);
  if (const auto deadband = map.map("deadband")) {
    route.deadband = read_deadband(*deadband, route.point);
  }
  read_route_streams(map, captures, route, table);
  return route;
}

}  // namespace

std::vector<Route> read_routes(const MapReader& config, const decode::ProtoSchemas* schemas,
                               StreamTable& table) {
  std::vector<Route> routes;
  std::string host_id;
  for (const MapReader& map : config.maps("routes")) {
    routes.push_back(read_route(map, schemas, table));
    const std::string& own = routes.back().decode.host_id;
    if (!own.empty() && !host_id.empty() && own != host_id) {
      map.wrong("decode", "an earlier route is the primary host " + shown(host_id) +
                              ": a bridge can be one only");
    }
    if (!own.empty()) host_id = own;
  }
  return routes;
}

}  // namespace plotbridge::config
