// Sparkplug payloads for tests: what matters of each metric, and the rest as edge nodes send it.
#pragma once

#include "plugin/base/proto_writer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::test {

struct SparkplugBytes {
  struct Metric {
    std::string name;  // empty: by alias
    std::optional<std::uint64_t> alias;
    std::uint64_t value = 0;
  };

  static std::string of(std::uint64_t seq, const std::vector<Metric>& metrics,
                        std::uint64_t at = 1'795'452'000'000) {
    constexpr std::uint64_t kInt64 = 4;
    ProtoWriter writer;
    writer.number(1, at);
    for (const Metric& metric : metrics) {
      ProtoWriter inside;
      if (!metric.name.empty()) inside.text(1, metric.name);
      if (metric.alias) inside.number(2, *metric.alias);
      inside.number(3, at).number(4, kInt64).number(11, metric.value);
      writer.text(2, inside.bytes());
    }
    return writer.number(3, seq % 256).bytes();
  }
};

}  // namespace plotbridge::test
