#include "plugin/decode/sparkplug_node.h"

#include <chrono>
#include <utility>

namespace plotbridge::decode {
namespace {

constexpr std::string_view kBdSeq = "bdSeq";
constexpr std::size_t kShown = 100;  // bytes of a name

constexpr std::uint64_t kNumbers = 256;  // a sequence starts again after as many

WallTime time_of(std::optional<std::uint64_t> ms, WallTime received) {
  // What a WallTime cannot count is no time.
  constexpr std::uint64_t kMostMs = 9'200'000'000'000;
  if (!ms || *ms > kMostMs) return received;
  return WallTime(std::chrono::milliseconds(*ms));
}

std::size_t fingerprint_of(const SparkplugMetric& metric) {
  return std::hash<std::string_view>()(metric.bytes) ^ std::hash<std::uint64_t>()(metric.bits) ^
         (metric.is_null ? 1U : 0U);
}

}  // namespace

SparkplugOutcome SparkplugNode::take(const SparkplugTopic& topic, const SparkplugPayload& payload,
                                     WallTime received, const Take& take) {
  SparkplugOutcome outcome;
  const Context context{topic, payload, received, take, outcome};
  const bool birth = topic.is_birth();
  names_.begin_message();
  if (topic.certificate) {
    // Old values, old numbers: only names and types, and only until a birth of its own.
    if (!born_ && birth) take_certificate(context);
    return outcome;
  }
  if (topic.type == SparkplugType::kNodeDeath) {
    take_death(context);
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
    take_birth(context);
  } else if (topic.type == SparkplugType::kDeviceDeath) {
    take_device_death(context);
  } else {
    take_data(context);
  }
  return outcome;
}

// A birth may have given the aliases of the one before to other metrics.
void SparkplugNode::take_unreadable(const SparkplugTopic& topic) {
  if (!topic.is_own_birth()) return;
  if (topic.type == SparkplugType::kNodeBirth) {
    forget_names();
  } else {
    SparkplugDevice* device = names_.find_device(topic.device);
    if (device != nullptr) names_.begin_device_birth(*device);
  }
}

void SparkplugNode::forget_names() {
  names_.begin_node_birth();
  born_ = false;
  bd_seq_.reset();
  forget_sequence();
}

// Brokers and overlapping subscriptions deliver twice; some devices count badly, so that the same
// number with another time is a message of its own. All births of an edge node have the same
// number, and clocks may be coarse.
bool SparkplugNode::is_repeated(const SparkplugTopic& topic, const SparkplugPayload& payload) {
  const std::size_t birth = topic.is_birth() ? std::hash<std::string_view>()(payload.bytes) : 0;
  const bool same_birth = std::exchange(last_birth_, birth) == birth;
  return payload.seq && payload.timestamp && payload.seq == last_seq_ &&
         payload.timestamp == last_timestamp_ && topic.type == last_type_ && same_birth;
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

void SparkplugNode::take_certificate(const Context& context) {
  SparkplugDevice* device = names_.learn_device(context.topic.device);
  if (device == nullptr) return;
  for (const SparkplugMetric& metric : context.payload.metrics) {
    learn(*device, metric, context.outcome);
  }
  context.outcome.rebirth.clear();
  context.outcome.refused = 0;
}

void SparkplugNode::take_birth(const Context& context) {
  SparkplugOutcome& outcome = context.outcome;
  const bool node = context.topic.type == SparkplugType::kNodeBirth;
  alive_ = true;
  if (node) {
    // Devices stay unknown until their own births.
    names_.begin_node_birth();
    born_ = outcome.born = true;
    is_full_ = false;
    bd_seq_.reset();
  } else if (!born_) {
    outcome.rebirth = "the device is born before its edge node";
  }
  SparkplugDevice* device = names_.learn_device(context.topic.device);
  if (device == nullptr) {
    outcome.refused = context.payload.metrics.size();
  } else {
    if (!node) names_.begin_device_birth(*device);
    for (const SparkplugMetric& metric : context.payload.metrics) {
      if (node && metric.name == kBdSeq) bd_seq_ = metric.bits;
      // What was given out before is not given out again because the birth repeats it.
      SparkplugMetricState* known = learn(*device, metric, outcome);
      if (known != nullptr) give(*known, metric, context, true);
    }
    names_.end_birth(*device);
  }
  if (outcome.refused > 0 && !names_.is_short()) is_full_ = true;
}

void SparkplugNode::take_data(const Context& context) {
  SparkplugOutcome& outcome = context.outcome;
  alive_ = true;
  SparkplugDevice* device = names_.learn_device(context.topic.device);
  if (device == nullptr) {
    outcome.refused = context.payload.metrics.size();
    return;
  }
  for (const SparkplugMetric& metric : context.payload.metrics) {
    SparkplugMetricState* known = find(*device, metric);
    if (known == nullptr) {
      outcome.may_come = false;
      if (!is_full_) {
        outcome.rebirth =
            !born_ ? "data came before a birth"
            : metric.name.empty()
                ? "no birth gave the alias " + std::to_string(metric.alias.value_or(0))
                : "no birth has the metric " + std::string(metric.name.substr(0, kShown));
      }
      if (!metric.name.empty()) {
        SparkplugOutcome ignored;
        known = learn(*device, metric, ignored);
        outcome.refused += ignored.refused;
        if (known == nullptr) continue;
      }
    }
    if (known == nullptr) {
      ++outcome.lost;
      continue;
    }
    give(*known, metric, context, false);
  }
}

void SparkplugNode::take_device_death(const Context& context) {
  context.outcome.died_at = time_of(context.payload.timestamp, context.received);
  SparkplugDevice* device = names_.find_device(context.topic.device);
  if (device == nullptr) return;
  if (names_.is_alive(*device)) context.outcome.dead.push_back(device);
  names_.bury(*device);
}

void SparkplugNode::take_death(const Context& context) {
  SparkplugDevice* itself = names_.find_device({});
  for (const SparkplugMetric& metric : context.payload.metrics) {
    const SparkplugMetricState* known = itself != nullptr ? find(*itself, metric) : nullptr;
    const bool bd_seq = metric.name == kBdSeq || (known != nullptr && *known->name == kBdSeq);
    // The will of a connection before this one: the node lives.
    if (bd_seq && bd_seq_ && metric.bits != *bd_seq_) return;
  }
  context.outcome.node_died = std::exchange(alive_, false);
  context.outcome.died_at = context.received;
  forget_sequence();
  if (!context.outcome.node_died) return;
  context.outcome.dead = names_.alive();
  names_.bury_all();
}

SparkplugMetricState* SparkplugNode::find(SparkplugDevice& device, const SparkplugMetric& metric) {
  if (!metric.name.empty()) return names_.find(device, metric.name);
  SparkplugMetricState* const named = metric.alias ? names_.find(*metric.alias) : nullptr;
  // An alias of another device is one that this device has by a birth which nobody saw.
  return named != nullptr && named->device == &device ? named : nullptr;
}

SparkplugMetricState* SparkplugNode::learn(SparkplugDevice& device, const SparkplugMetric& metric,
                                           SparkplugOutcome& outcome) {
  SparkplugMetricState* known = names_.learn(device, metric.name);
  if (known == nullptr) {
    ++outcome.refused;
    return nullptr;
  }
  if (metric.datatype != 0) known->datatype = metric.datatype;
  if (!metric.alias) return known;
  const SparkplugMetricState* named = names_.find(*metric.alias);
  if (named != nullptr && named != known) {
    outcome.may_come = false;
    outcome.rebirth = "alias " + std::to_string(*metric.alias) + " is both " +
                      named->name->substr(0, kShown) + " and " + known->name->substr(0, kShown);
  }
  if (!names_.give_alias(*known, *metric.alias)) ++outcome.refused;
  return known;
}

void SparkplugNode::give(SparkplugMetricState& known, const SparkplugMetric& metric,
                         const Context& context, bool only_new) {
  names_.touch(known);
  if (*known.name == kBdSeq) return;
  if (metric.datatype != 0) known.datatype = metric.datatype;
  const auto& payload = context.payload;
  const std::uint64_t timestamp = metric.timestamp.value_or(payload.timestamp.value_or(0));
  const std::size_t fingerprint = fingerprint_of(metric);
  // After a gap the same value is a new point.
  if (only_new && timestamp != 0 && known.timestamp == timestamp &&
      known.fingerprint == fingerprint && known.deaths >= names_.last_death(*known.device)) {
    return;
  }
  known.timestamp = timestamp;
  known.fingerprint = fingerprint;
  known.deaths = names_.last_death(*known.device);
  context.take({*known.device->name, *known.name, metric, known.datatype,
                time_of(metric.timestamp ? metric.timestamp : payload.timestamp, context.received),
                names_, known});
}

}  // namespace plotbridge::decode
