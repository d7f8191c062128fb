#include "plugin/decode/sparkplug_topic.h"

#include <array>
#include <cstddef>

namespace plotbridge::decode {
namespace {

constexpr std::string_view kNamespace = "spBv1.0";

struct TypeName {
  std::string_view name;
  SparkplugType type;
  bool device;
};
constexpr std::array<TypeName, 8> kTypes{{{"NBIRTH", SparkplugType::kNodeBirth, false},
                                          {"NDEATH", SparkplugType::kNodeDeath, false},
                                          {"NDATA", SparkplugType::kNodeData, false},
                                          {"NCMD", SparkplugType::kNodeCommand, false},
                                          {"DBIRTH", SparkplugType::kDeviceBirth, true},
                                          {"DDEATH", SparkplugType::kDeviceDeath, true},
                                          {"DDATA", SparkplugType::kDeviceData, true},
                                          {"DCMD", SparkplugType::kDeviceCommand, true}}};

}  // namespace

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic) {
  SparkplugTopic result;
  if (topic.starts_with(kSparkplugCertificates)) {
    result.certificate = true;
    topic.remove_prefix(kSparkplugCertificates.size());
  }
  constexpr std::size_t kMostLevels = 5;
  std::array<std::string_view, kMostLevels> levels;
  std::size_t count = 0;
  for (;;) {
    if (count == kMostLevels) return std::nullopt;
    const std::size_t slash = topic.find('/');
    levels[count++] = topic.substr(0, slash);
    if (slash == std::string_view::npos) break;
    topic.remove_prefix(slash + 1);
  }
  // spBv1.0/STATE/HOST, and before 3.0 STATE/HOST.
  const std::size_t state = levels[0] == "STATE" ? 0 : 1;
  if (count == state + 2 && levels[state] == "STATE" && (state == 0 || levels[0] == kNamespace)) {
    result.host_id = levels[state + 1];
    return result.host_id.empty() ? std::nullopt : std::optional(result);
  }
  if (count < 4 || levels[0] != kNamespace) return std::nullopt;
  for (const TypeName& known : kTypes) {
    if (known.name != levels[2] || count != (known.device ? 5U : 4U)) continue;
    result.type = known.type;
    result.group = levels[1];
    result.edge_node = levels[3];
    if (known.device) result.device = levels[4];
    const bool named =
        !result.group.empty() && !result.edge_node.empty() && (!known.device || !levels[4].empty());
    return named ? std::optional(result) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace plotbridge::decode
