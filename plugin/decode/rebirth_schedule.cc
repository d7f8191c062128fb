#include "plugin/decode/rebirth_schedule.h"

#include "plugin/base/heap_bytes.h"
#include "plugin/base/proto_writer.h"
#include "plugin/decode/sparkplug_value.h"

#include <algorithm>
#include <cstdint>

namespace plotbridge::decode {
namespace {

std::uint64_t ms_of(WallTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count());
}

}  // namespace

bool RebirthSchedule::note(const SparkplugTopic& topic, const SparkplugOutcome& outcome,
                           TimePoint now, double chance) {
  const std::pair<std::string_view, std::string_view> name(topic.group, topic.edge_node);
  auto known = asks_.find(name);
  if (known != asks_.end() && (outcome.born || (outcome.has_come && known->second.may_come))) {
    set(*known, kNever);
  }
  if (outcome.rebirth.empty()) return false;
  if (known == asks_.end()) known = asks_.emplace(name, Ask{}).first;
  const TimePoint before = deadline();
  want(*known, outcome.may_come, now, chance);
  return deadline() < before;
}

void RebirthSchedule::want(Node& node, bool may_come, TimePoint now, double chance) {
  Ask& ask = node.second;
  const bool wanted = ask.ask_at != kNever;
  if (wanted && (may_come || !ask.may_come)) return;
  TimePoint earliest = may_come ? now + kReorderTime : now;
  if (ask.asked_at != TimePoint::min()) {
    earliest = std::max(earliest, ask.asked_at + kRebirthInterval);
  }
  ask.may_come = may_come;
  set(node, std::min(ask.ask_at, earliest + scaled(kRebirthJitter, chance)));
}

void RebirthSchedule::set(Node& node, TimePoint at) {
  Ask& ask = node.second;
  if (ask.ask_at != kNever) queue_.erase({ask.ask_at, &node});
  ask.ask_at = at;
  if (at != kNever) queue_.emplace(at, &node);
}

void RebirthSchedule::forget(std::string_view group, std::string_view edge_node) {
  const auto known = asks_.find(std::pair(group, edge_node));
  if (known == asks_.end()) return;
  set(*known, kNever);
  asks_.erase(known);
}

std::vector<RebirthSchedule::Command> RebirthSchedule::due(TimePoint now, WallTime wall) {
  std::vector<Command> commands;
  while (deadline() <= now) {
    auto& [name, ask] = *queue_.begin()->second;
    queue_.erase(queue_.begin());
    commands.push_back({"spBv1.0/" + name.first + "/NCMD/" + name.second, encode_rebirth(wall)});
    ask.asked_at = now;
    ask.ask_at = kNever;
  }
  return commands;
}

std::size_t RebirthSchedule::bytes_of(std::string_view group, std::string_view edge_node) {
  return tree_node_bytes<Name, Ask>() + tree_node_bytes<Queue::value_type>() +
         heap_bytes(group.size() + 1) + heap_bytes(edge_node.size() + 1);
}

std::string encode_rebirth(WallTime at) {
  const std::uint64_t ms = ms_of(at);
  ProtoWriter metric;
  metric.text(1, "Node Control/Rebirth").number(3, ms).number(4, kBoolean).number(14, 1);
  return ProtoWriter().number(1, ms).text(2, metric.bytes()).bytes();
}

}  // namespace plotbridge::decode
