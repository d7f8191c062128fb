// Concern: of many edge nodes, devices and metrics that are born, heard, forgotten and die in any
// order, what is counted is what is there, never more than the memory, and no value comes out under
// another device's or metric's name. An input is a sequence of messages of three bytes and more:
// who, what, and how many metrics, with a byte for each.
#include "plugin/base/proto_writer.h"
#include "plugin/decode/rebirth_schedule.h"
#include "plugin/decode/sparkplug_host.h"

#include "tests/fuzz/must_hold.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

using namespace plotbridge;

namespace {

// A few births fill the memory already; many more cost time and reach nothing new.
constexpr std::uint64_t kMostMessages = 64;

constexpr std::array<std::string_view, 8> kTypes{"NBIRTH", "DBIRTH", "NDATA",  "DDATA",
                                                 "NDEATH", "DDEATH", "NBIRTH", "DDATA"};

/// Metrics carry the number of their name as their value: by name, and by the alias of the last
/// birth.
std::string payload_of(std::string_view metrics, bool birth, std::uint64_t step) {
  constexpr std::uint64_t kInt64 = 4;
  ProtoWriter writer;
  writer.number(1, step + 1);
  for (const char metric : metrics) {
    const std::uint64_t number = static_cast<unsigned char>(metric) & 31U;
    const bool by_alias = !birth && (metric & 32) != 0;
    ProtoWriter inside;
    if (!by_alias) inside.text(1, std::string(metric & 64 ? 1 : 40, 'm') + std::to_string(number));
    if (birth || by_alias) inside.number(2, number);
    inside.number(4, kInt64).number(11, number);
    writer.text(2, inside.bytes());
  }
  return writer.number(3, step % 256).bytes();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  StateMemory memory(6'000);
  decode::RebirthSchedule rebirths;
  decode::SparkplugHost host(memory, [&](std::string_view group, std::string_view edge_node) {
    rebirths.forget(group, edge_node);
  });
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  TimePoint now{};
  for (std::uint64_t step = 0; step < kMostMessages && rest.size() >= 3; ++step) {
    const auto who = static_cast<unsigned char>(rest[0]);
    const std::string_view type = kTypes[static_cast<unsigned char>(rest[1]) & 7U];
    const std::string_view metrics = rest.substr(3, static_cast<unsigned char>(rest[2]) & 15U);
    rest.remove_prefix(3 + metrics.size());
    std::string text = "spBv1.0/g/" + std::string(type) + "/n" + std::to_string(who & 7);
    if (type[0] == 'D') text += "/d" + std::to_string(who >> 3 & 7);
    const auto topic = decode::parse_sparkplug_topic(text);
    const bool birth = type.ends_with("BIRTH");
    const auto check = [&](const decode::SparkplugSample& sample) {
      must_hold(sample.device == topic->device || !birth, "a birth names its own device");
      must_hold(*sample.state->name == sample.metric, "the name is the metric's own");
      must_hold(sample.metric.ends_with(sample.value.text), "no value under another name");
      // What the pipeline does, so that notes grow with names.
      sample.names->charge(*sample.state->device, 40);
      sample.names->charge(*sample.state, 40);
    };
    const auto taken = host.take(*topic, payload_of(metrics, birth, step), WallTime{}, check);
    must_hold(memory.used() <= memory.limit(), "names keep to their memory");
    if (!taken) continue;
    now += std::chrono::milliseconds(100);
    rebirths.note(*topic, *taken, now, 0.5);
    must_hold(rebirths.nodes() <= host.nodes(), "rebirths are those of known edge nodes");
    must_hold(taken->dead.size() <= 8 + 1, "no device dies twice");
    rebirths.due(now, WallTime{});
  }
  return 0;
}
