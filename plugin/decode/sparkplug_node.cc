#include "plugin/decode/sparkplug_node.h"

#include <chrono>
#include <utility>

namespace plotbridge::decode {
namespace {

constexpr std::string_view kBdSeq = "bdSeq";

constexpr std::uint64_t kNumbers = 256;  // a sequence starts again after as many

WallTime time_of(std::optional<std::uint64_t> ms, WallTime received) {
  // What a WallTime cannot count is no time.
  constexpr std::uint64_t kMostMs = 9'200'000'000'000;
  if (!ms || *ms > kMostMs) return received;
  return WallTime(std::chrono::milliseconds(*ms));
}

std::size_t print_of(const SparkplugMetric& metric) {
  return std::hash<std::string_view>()(metric.bytes) ^ std::hash<std::uint64_t>()(metric.bits) ^
         (metric.is_null ? 1U : 0U);
}

}  // namespace

SparkplugOutcome SparkplugNode::take(const SparkplugTopic& topic, const SparkplugPayload& payload,
                                     WallTime received, const Take& take) {
  SparkplugOutcome outcome;
  const bool birth =
      topic.type == SparkplugType::kNodeBirth || topic.type == SparkplugType::kDeviceBirth;
  if (topic.certificate) {
    // Old values, old numbers: only names and types, and only until a birth of its own.
    if (born_ || !birth) return outcome;
    for (const SparkplugMetric& metric : payload.metrics) learn(topic.device, metric, outcome);
    outcome.rebirth.clear();
    return outcome;
  }
  if (topic.type == SparkplugType::kNodeDeath) {
    take_death(payload, received, outcome);
    return outcome;
  }
  if (is_repeated(topic, payload)) {
    outcome.duplicate = true;
    return outcome;
  }
  if (topic.type == SparkplugType::kNodeBirth) forget_sequence();
  check_sequence(payload, outcome);
  last_timestamp_ = payload.timestamp;
  last_type_ = topic.type;
  if (birth) {
    take_birth(topic, payload, received, take, outcome);
  } else if (topic.type == SparkplugType::kDeviceDeath) {
    outcome.device_died = true;
    outcome.died_at = time_of(payload.timestamp, received);
    forget_values(topic.device, false);
  } else {
    take_data(topic, payload, received, take, outcome);
  }
  return outcome;
}

// Brokers and overlapping subscriptions deliver twice; some devices count badly, so that the same
// number with another time is a message of its own.
bool SparkplugNode::is_repeated(const SparkplugTopic& topic,
                                const SparkplugPayload& payload) const {
  return payload.seq && payload.timestamp && payload.seq == last_seq_ &&
         payload.timestamp == last_timestamp_ && topic.type == last_type_;
}

void SparkplugNode::check_sequence(const SparkplugPayload& payload, SparkplugOutcome& outcome) {
  last_seq_ = payload.seq;
  if (!payload.seq) return;
  const std::uint64_t found = *payload.seq % kNumbers;
  const std::uint64_t before = std::exchange(seq_, found).value_or(found);
  if (!born_ || found == before) return;
  const std::uint64_t expected = (before + 1) % kNumbers;
  if (found == expected) {
    missing_.reset(found);
    return;
  }
  if (missing_.test(found)) {
    seq_ = before;
    missing_.reset(found);
    outcome.has_come = missing_.none();
    return;
  }
  for (std::uint64_t number = expected; number != found; number = (number + 1) % kNumbers) {
    missing_.set(number);
  }
  outcome.may_come = true;
  outcome.rebirth = "messages are missing: expected number " + std::to_string(expected) +
                    ", found " + std::to_string(found);
}

void SparkplugNode::forget_sequence() {
  seq_.reset();
  last_seq_.reset();
  missing_.reset();
}

void SparkplugNode::take_birth(const SparkplugTopic& topic, const SparkplugPayload& payload,
                               WallTime received, const Take& take, SparkplugOutcome& outcome) {
  const bool node = topic.type == SparkplugType::kNodeBirth;
  if (node) {
    // Devices stay unknown until their own births.
    aliases_.clear();
    for (auto& [name, metric] : metrics_) metric.listed = false;
    born_ = alive_ = outcome.born = true;
    bd_seq_.reset();
  } else {
    if (!born_) outcome.rebirth = "the device is born before its edge node";
    std::erase_if(aliases_,
                  [&](const auto& known) { return known.second->device == topic.device; });
    for (auto& [name, metric] : metrics_) {
      if (metric.device == topic.device) metric.listed = false;
    }
  }
  for (const SparkplugMetric& metric : payload.metrics) {
    if (node && metric.name == kBdSeq) bd_seq_ = metric.bits;
    // What was given out before is not given out again because the birth repeats it.
    Metric* known = learn(topic.device, metric, outcome);
    if (known != nullptr) give(*known, metric, payload, received, true, take);
  }
  forget_unlisted(topic.device);
}

// After a gap the same value is a new point.
void SparkplugNode::forget_values(std::string_view device, bool all) {
  for (auto& [name, metric] : metrics_) {
    if (all || metric.device == device) metric.timestamp = 0;
  }
}

void SparkplugNode::forget_unlisted(std::string_view device) {
  std::erase_if(metrics_, [&](const auto& known) {
    return known.second.device == device && !known.second.listed;
  });
}

void SparkplugNode::take_data(const SparkplugTopic& topic, const SparkplugPayload& payload,
                              WallTime received, const Take& take, SparkplugOutcome& outcome) {
  alive_ = true;
  for (const SparkplugMetric& metric : payload.metrics) {
    Metric* known = find(topic.device, metric);
    if (known == nullptr) {
      outcome.may_come = false;
      outcome.rebirth = !born_ ? "data came before a birth"
                        : metric.name.empty()
                            ? "no birth gave the alias " + std::to_string(metric.alias.value_or(0))
                            : "no birth has the metric " + std::string(metric.name.substr(0, 100));
      SparkplugOutcome ignored;
      if (!metric.name.empty()) known = learn(topic.device, metric, ignored);
    }
    if (known == nullptr) {
      ++outcome.lost;
      continue;
    }
    give(*known, metric, payload, received, false, take);
  }
}

void SparkplugNode::take_death(const SparkplugPayload& payload, WallTime received,
                               SparkplugOutcome& outcome) {
  for (const SparkplugMetric& metric : payload.metrics) {
    const Metric* known = find({}, metric);
    const bool bd_seq = metric.name == kBdSeq || (known != nullptr && known->name == kBdSeq);
    // The will of a connection before this one: the node lives.
    if (bd_seq && bd_seq_ && metric.bits != *bd_seq_) return;
  }
  outcome.node_died = std::exchange(alive_, false);
  outcome.died_at = received;
  forget_sequence();
  if (outcome.node_died) forget_values({}, true);
}

SparkplugNode::Metric* SparkplugNode::find(std::string_view device, const SparkplugMetric& metric) {
  if (metric.name.empty()) {
    if (!metric.alias) return nullptr;
    const auto known = aliases_.find(*metric.alias);
    return known != aliases_.end() ? known->second : nullptr;
  }
  const auto known =
      metrics_.find(std::pair<std::string_view, std::string_view>(device, metric.name));
  return known != metrics_.end() && known->second.listed ? &known->second : nullptr;
}

SparkplugNode::Metric* SparkplugNode::learn(std::string_view device, const SparkplugMetric& metric,
                                            SparkplugOutcome& outcome) {
  const std::pair<std::string_view, std::string_view> name(device, metric.name);
  auto place = metrics_.find(name);
  if (place == metrics_.end()) {
    if (metrics_.size() >= kMostMetrics) return nullptr;
    place = metrics_.emplace(name, Metric{std::string(device), std::string(metric.name)}).first;
  }
  Metric& known = place->second;
  known.listed = true;
  if (metric.datatype != 0) known.datatype = metric.datatype;
  if (metric.alias) {
    Metric*& named = aliases_[*metric.alias];
    if (named != nullptr && named != &known) {
      outcome.may_come = false;
      outcome.rebirth = "alias " + std::to_string(*metric.alias) + " is both " +
                        named->name.substr(0, 100) + " and " + known.name.substr(0, 100);
    }
    named = &known;
  }
  return &known;
}

void SparkplugNode::give(Metric& known, const SparkplugMetric& metric,
                         const SparkplugPayload& payload, WallTime received, bool only_new,
                         const Take& take) {
  if (known.name == kBdSeq) return;
  if (metric.datatype != 0) known.datatype = metric.datatype;
  const std::uint64_t timestamp = metric.timestamp.value_or(payload.timestamp.value_or(0));
  const std::size_t print = print_of(metric);
  if (only_new && timestamp != 0 && known.timestamp == timestamp && known.print == print) return;
  known.timestamp = timestamp;
  known.print = print;
  take({known.device, known.name, metric, known.datatype,
        time_of(metric.timestamp ? metric.timestamp : payload.timestamp, received)});
}

}  // namespace plotbridge::decode
