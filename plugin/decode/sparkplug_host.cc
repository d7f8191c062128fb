#include "plugin/decode/sparkplug_host.h"

#include "plugin/base/proto_writer.h"
#include "plugin/base/scratch.h"
#include "plugin/decode/sparkplug_value.h"

#include <algorithm>

namespace plotbridge::decode {
namespace {

constexpr std::string_view kCompressed = "SPBV1.0_COMPRESSED";

std::uint64_t ms_of(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
}

}  // namespace

tl::expected<SparkplugOutcome, DecodeError> SparkplugHost::take(const SparkplugTopic& topic,
                                                                std::string_view payload,
                                                                WallTime received, TimePoint now,
                                                                double chance,
                                                                const TakeMetric& take) {
  const bool command =
      topic.type == SparkplugType::kNodeCommand || topic.type == SparkplugType::kDeviceCommand;
  if (command || topic.type == SparkplugType::kState) return SparkplugOutcome{};
  const OnExit forget([this] { forget_scratch(); });
  if (auto good = read(payload); !good) return tl::make_unexpected(std::move(good).error());
  const std::pair<std::string_view, std::string_view> name(topic.group, topic.edge_node);
  auto known = nodes_.find(name);
  if (known == nodes_.end()) {
    if (nodes_.size() == kMostNodes) {
      return tl::make_unexpected(DecodeError{
          "too_many_nodes", "more than " + std::to_string(kMostNodes) + " edge nodes", 0});
    }
    known = nodes_.emplace(name, Node{}).first;
  }
  Node& node = known->second;
  budget_.begin_payload();
  const auto on_metric = [&](const SparkplugReading& reading) { take(sample_of(reading)); };
  SparkplugOutcome outcome = node.node.take(topic, payload_, received, std::cref(on_metric));
  if (outcome.born || (outcome.has_come && node.may_come)) node.ask_at = kNever;
  if (!outcome.rebirth.empty() && asks_) want_rebirth(node, outcome.may_come, now, chance);
  return outcome;
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

SparkplugSample SparkplugHost::sample_of(const SparkplugReading& reading) {
  SparkplugSample sample{reading.device, reading.metric, {}, reading.at};
  budget_.begin_sample();
  const auto value = sparkplug_value(reading.wire, reading.datatype, budget_.room(), text_);
  if (value) {
    sample.value = *value;
    if (value->text.data() == text_.data()) budget_.charge(text_.size());
  } else {
    sample.error = budget_.payload_exceeded() ? "too_large" : "line_too_long";
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

void SparkplugHost::want_rebirth(Node& node, bool may_come, TimePoint now, double chance) {
  const bool wanted = node.ask_at != kNever;
  if (wanted && (may_come || !node.may_come)) return;
  TimePoint earliest = may_come ? now + kReorderTime : now;
  if (node.asked_at != TimePoint::min()) {
    earliest = std::max(earliest, node.asked_at + kRebirthInterval);
  }
  node.may_come = may_come;
  node.ask_at = std::min(node.ask_at, earliest + scaled(kRebirthJitter, chance));
  deadline_ = std::min(deadline_, node.ask_at);
}

std::vector<SparkplugHost::Command> SparkplugHost::due(TimePoint now, WallTime wall) {
  std::vector<Command> commands;
  if (now < deadline_) return commands;
  deadline_ = kNever;
  for (auto& [name, node] : nodes_) {
    if (node.ask_at <= now) {
      commands.push_back({"spBv1.0/" + name.first + "/NCMD/" + name.second, encode_rebirth(wall)});
      node.asked_at = now;
      node.ask_at = kNever;
    }
    deadline_ = std::min(deadline_, node.ask_at);
  }
  return commands;
}

std::string encode_rebirth(WallTime at) {
  const std::uint64_t ms = ms_of(at);
  ProtoWriter metric;
  metric.text(1, "Node Control/Rebirth").number(3, ms).number(4, kBoolean).number(14, 1);
  return ProtoWriter().number(1, ms).text(2, metric.bytes()).bytes();
}

}  // namespace plotbridge::decode
