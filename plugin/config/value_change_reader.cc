#include "plugin/config/value_change_reader.h"

#include "plugin/config/json_text.h"

#include <cstdint>
#include <string>

namespace plotbridge::config {
namespace {

constexpr std::int64_t kMostDecimals = 15;

void read_time(const MapReader& value, ValueChange& change) {
  TimeUnit unit{};
  if (!read_time_unit(value, "time", unit)) return;
  change.time = unit;
  for (const std::string_view other : {"scale", "offset", "round", "map"}) {
    if (value.has(other)) {
      value.mistakes().add(value.key_mark(other), value.path_of(other),
                           "makes no sense beside `time`");
    }
  }
}

}  // namespace

bool read_time_unit(const MapReader& map, std::string_view key, TimeUnit& unit) {
  return map.choice(key,
                    {{"unix_s", TimeUnit::kUnixS},
                     {"unix_ms", TimeUnit::kUnixMs},
                     {"unix_us", TimeUnit::kUnixUs},
                     {"unix_ns", TimeUnit::kUnixNs},
                     {"iso8601", TimeUnit::kIso8601}},
                    unit);
}

ValueChange read_value_change(const MapReader& value) {
  ValueChange change;
  if (const auto map = value.map("map")) {
    map->each_own([&](const Node::Key& key, const Node& item, const std::string& path) {
      change.map.emplace_back(key.name, to_json(item, path, value.mistakes()));
    });
    if (map->usable() && change.map.empty()) value.wrong("map", "has no keys");
  }
  double number = 0;
  if (value.number("scale", number)) change.scale = number;
  if (value.number("offset", number)) change.offset = number;
  std::int64_t decimals = 0;
  if (value.integer("round", 0, kMostDecimals, decimals)) change.round = static_cast<int>(decimals);
  read_time(value, change);
  return change;
}

}  // namespace plotbridge::config
