// The topics of Sparkplug B 3.0: who sends what. Names are kept as they are, case and spaces
// included. Leaves to others: payloads. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace plotbridge::decode {

enum class SparkplugType : std::uint8_t {
  kNodeBirth,
  kNodeDeath,
  kNodeData,
  kNodeCommand,
  kDeviceBirth,
  kDeviceDeath,
  kDeviceData,
  kDeviceCommand,
  kState,
};

struct SparkplugTopic {
  SparkplugType type = SparkplugType::kState;
  std::string_view group;
  std::string_view edge_node;
  std::string_view device;   // empty: the edge node itself
  std::string_view host_id;  // kState
  /// A broker's copy of a birth ($sparkplug/certificates): names hold, values are old.
  bool certificate = false;

  bool is_birth() const {
    return type == SparkplugType::kNodeBirth || type == SparkplugType::kDeviceBirth;
  }
  /// One by the edge node itself.
  bool is_own_birth() const { return is_birth() && !certificate; }
};

/// spBv1.0/GROUP/TYPE/NODE[/DEVICE], spBv1.0/STATE/HOST, the older STATE/HOST, and certificates.
/// They borrow the topic. Nothing: it is none of them.
std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic);

/// What stands before the topic of a birth that the broker keeps.
inline constexpr std::string_view kSparkplugCertificates = "$sparkplug/certificates/";

}  // namespace plotbridge::decode
