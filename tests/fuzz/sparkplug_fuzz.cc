// Concern: whatever edge nodes send in whatever order, a host gives values that become strict JSON,
// or errors inside the payload; and its names never take more than their memory. An input is a
// sequence of messages: a byte for the topic, two for the length, the payload.
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/encode/line_encoder.h"

#include "tests/fuzz/strict_lines.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

namespace {

constexpr std::array<std::string_view, 8> kTopics{
    "spBv1.0/G/NBIRTH/N",   "spBv1.0/G/DBIRTH/N/D",
    "spBv1.0/G/NDATA/N",    "spBv1.0/G/DDATA/N/D",
    "spBv1.0/G/DDEATH/N/D", "spBv1.0/G/NDEATH/N",
    "spBv1.0/STATE/H",      "$sparkplug/certificates/spBv1.0/G/NBIRTH/N"};
constexpr std::size_t kMemory = 8'192;  // so little that names go

void check(const decode::SparkplugSample& sample) {
  static const encode::LineEncoder encoder({"m", "v", "t"}, TimeFormat::kPlotly);
  const std::array<Value, 3> values{Value::of_text(sample.metric), sample.value,
                                    Value::of_time(sample.at)};
  must_hold(sample.value.text.size() <= kMaxLineBytes, "a value is bounded");
  std::string line;
  if (encoder.encode(values, line).bytes.empty()) return;  // it would be too long
  must_hold(line.size() <= kMaxLineBytes, "a line is bounded");
  must_hold(is_valid_utf8(line), "a line is UTF-8");
  must_hold(is_one_document(line), "a line is JSON");
  must_hold(*sample.state->name == sample.metric, "the name is the metric's own");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  StateMemory memory(kMemory);
  decode::RebirthSchedule rebirths;
  decode::SparkplugHost host(memory, [&](std::string_view group, std::string_view edge_node) {
    rebirths.forget(group, edge_node);
  });
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  TimePoint now{};
  while (rest.size() > 3) {
    const auto topic = decode::parse_sparkplug_topic(kTopics[rest[0] & 7]);
    const std::size_t length =
        static_cast<unsigned char>(rest[1]) | std::size_t{static_cast<unsigned char>(rest[2])} << 8;
    const std::string_view payload = rest.substr(3, length);
    rest.remove_prefix(3 + payload.size());
    now += std::chrono::seconds(1);
    const auto taken = host.take(*topic, payload, WallTime{}, check);
    if (!taken) {
      must_hold(taken.error().offset <= payload.size(), "an error is inside the payload");
    } else {
      rebirths.note(*topic, *taken, now, 0.5);
    }
    must_hold(memory.used() <= kMemory, "names keep to their memory");
    must_hold(rebirths.due(now, WallTime{}).size() <= 1, "one edge node, one command");
  }
  return 0;
}
