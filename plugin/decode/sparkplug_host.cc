#include "plugin/decode/sparkplug_host.h"

#include "plugin/base/heap_bytes.h"
#include "plugin/base/scratch.h"
#include "plugin/base/text_hash.h"
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_value.h"

namespace plotbridge::decode {
namespace {

constexpr std::string_view kCompressed = "SPBV1.0_COMPRESSED";

bool is_death(SparkplugType type) {
  return type == SparkplugType::kNodeDeath || type == SparkplugType::kDeviceDeath;
}

std::uint64_t hash_of(const SparkplugTopic& topic, std::uint64_t salt) {
  return TextHash(TextHash(salt)(topic.group))(topic.edge_node);
}

}  // namespace

tl::expected<SparkplugOutcome, DecodeError> SparkplugHost::take(const SparkplugTopic& topic,
                                                                std::string_view payload,
                                                                WallTime received,
                                                                const TakeMetric& take) {
  const bool command =
      topic.type == SparkplugType::kNodeCommand || topic.type == SparkplugType::kDeviceCommand;
  if (command || topic.type == SparkplugType::kState) return SparkplugOutcome{};
  const OnExit forget([this] { forget_scratch(); });
  if (auto good = read(payload); !good) {
    take_unreadable(topic);
    return tl::make_unexpected(std::move(good).error());
  }
  const std::pair<std::string_view, std::string_view> name(topic.group, topic.edge_node);
  if (is_death(topic.type) && nodes_.find(name) == nodes_.end()) return SparkplugOutcome{};
  Node* node = node_of(topic);
  if (node == nullptr) {
    return tl::make_unexpected(DecodeError{
        "state_memory",
        "the name of the edge node alone is more than its part of state_memory: raise it", 0});
  }
  budget_.begin_payload();
  const auto on_metric = [&](const SparkplugReading& reading) { take(sample_of(reading)); };
  return node->node.take(topic, payload_, received, std::cref(on_metric));
}

void SparkplugHost::take_unreadable(const SparkplugTopic& topic) {
  const std::pair<std::string_view, std::string_view> name(topic.group, topic.edge_node);
  const auto known = nodes_.find(name);
  if (known != nodes_.end()) known->second.node.take_unreadable(topic);
}

void SparkplugHost::forget_names() {
  for (auto& [name, node] : nodes_) node.node.forget_names();
}

SparkplugSample SparkplugHost::sample_of(const SparkplugReading& reading) {
  SparkplugSample sample{reading.device, reading.metric, {}, reading.at, {},
                         &reading.names, &reading.state};
  budget_.begin_sample();
  text_.clear();
  const auto value = sparkplug_value(reading.wire, reading.datatype, budget_.room(), text_);
  if (value) {
    sample.value = *value;
    budget_.charge(text_.size());  // also where it is null, because its end is damaged
  } else {
    sample.error = budget_.payload_exceeded() ? DecodeErrorKind("too_large") : "line_too_long";
    budget_.charge(budget_.room());
  }
  return sample;
}

void SparkplugHost::forget_scratch() {
  trim_scratch(payload_.metrics);
  trim_scratch(text_);
  gzip_.forget();
  zlib_.forget();
}

SparkplugHost::Node* SparkplugHost::node_of(const SparkplugTopic& topic) {
  const std::pair<std::string_view, std::string_view> name(topic.group, topic.edge_node);
  if (const auto known = nodes_.find(name); known != nodes_.end()) {
    memory_.touch(known->second);
    return &known->second;
  }
  const std::size_t bytes = tree_node_bytes<Name, Node>() + heap_bytes(topic.group.size() + 1) +
                            heap_bytes(topic.edge_node.size() + 1) +
                            RebirthSchedule::bytes_of(topic.group, topic.edge_node);
  const auto place =
      nodes_.try_emplace(Name(name), *this, hash_of(topic, reinterpret_cast<std::uintptr_t>(this)))
          .first;
  place->second.name = &place->first;
  if (memory_.reserve(place->second, bytes)) return &place->second;
  nodes_.erase(place);
  return nullptr;
}

void SparkplugHost::Node::forget() {
  if (host.on_forgotten_) host.on_forgotten_(name->first, name->second);
  host.nodes_.erase(host.nodes_.find(*name));
}

tl::expected<void, DecodeError> SparkplugHost::read(std::string_view payload) {
  auto good = payload_.read(payload, most_metrics_);
  if (!good || payload_.uuid != kCompressed) return good;
  std::string_view algorithm = "DEFLATE";
  for (const SparkplugMetric& metric : payload_.metrics) {
    if (metric.name == "algorithm" && metric.field == SparkplugField::kString) {
      algorithm = metric.bytes;
    }
  }
  const auto unpacked = (algorithm == "GZIP" ? gzip_ : zlib_).unpack(payload_.body);
  if (!unpacked) return tl::make_unexpected(unpacked.error());
  const auto seq = payload_.seq;
  const auto timestamp = payload_.timestamp;
  if (good = payload_.read(*unpacked, most_metrics_); !good) {
    good.error().message += " (of the unpacked payload)";
    good.error().offset = 0;
    return good;
  }
  // The envelope is what was sent in sequence.
  if (seq) payload_.seq = seq;
  if (!payload_.timestamp) payload_.timestamp = timestamp;
  return {};
}

}  // namespace plotbridge::decode
