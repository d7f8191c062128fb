// Concern: whatever messages come in whatever order, several routes and Sparkplug give lines that
// are strict JSON; names keep to their memory; and after each death every stream that was fed, and
// whose source is still known, gets its gap. An input is a sequence of messages: a byte for the
// topic, one for what comes, two for the length, the payload.
#include "plugin/app/pipeline.h"
#include "plugin/base/proto_writer.h"
#include "plugin/config/yaml_loader.h"

#include "tests/fuzz/strict_lines.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

using namespace plotbridge;

namespace {

constexpr std::size_t kMemory = 16'384;
// A few births or long topics fill the memory already; many more cost time and reach nothing new.
constexpr std::uint64_t kMostMessages = 48;

const config::Config& configuration() {
  static const config::Config config = [] {
    auto loaded = config::load_text(R"(
version: 1
broker: {url: "mqtt://127.0.0.1:1883"}
streams: [{name: s, token: tokentoken}, {name: n, token: tokentoke2}, {name: "t.1", token: tokentoke3}]
routes:
  - {topic: "p/{id}", stream: ["t.{id}", s], point: {y: $value, text: "{id}{id}"}, deadband: {absolute: 1}}
  - {topic: "p/#", decode: {type: json}, stream: s, point: {y: a, z: {field: "b[1]", default: 0}}}
  - topic: "p/+"
    decode: {type: json}
    stream: s
    when: {field: k, in: [0, 1, on]}
    point:
      x: {field: t, time: iso8601, default: null}
      y: {field: a, scale: 0.1, offset: -40, round: 2, default: null}
      text: {field: "b[1]", map: {RUNNING: 1, "2": 0}, default: -1}
      z: {field: u, time: unix_ms, default: null}
  - {topic: "c/+/{x}", decode: {type: csv, columns: [a, b]}, stream: s, point: {y: a, text: "{x}"}}
  - {topic: "spBv1.0/#", decode: {type: sparkplug, host: active}, stream: n, point: {y: $value}}
  - {topic: "spBv1.0/{g}/{type}/+/#", decode: {type: sparkplug}, stream: s, point: {y: $value, text: "{metric} {type}"}, deadband: {absolute: 1}}
)",
                                    "/x/c.yaml");
    must_hold(loaded.mistakes.empty(), "the configuration is good");
    loaded.config.state_memory = kMemory;
    return std::move(loaded.config);
  }();
  return config;
}

constexpr std::array<std::string_view, 8> kKinds{"NBIRTH", "DBIRTH", "NDATA", "DDATA",
                                                 "NDEATH", "DDEATH", "NDATA", "STATE"};

std::string topic_of(unsigned char which, unsigned char what) {
  const std::string number = std::to_string(which & 15);
  if (what < 64) return "p/" + number;
  if (what < 96) return "p/" + number + '/' + std::string(which * 3U, 't');
  if (what < 112) return "c/" + number + "/x";
  const std::string kind(kKinds[what & 7]);
  std::string topic = "spBv1.0/g/" + kind + "/n" + std::to_string(which & 7);
  if (kind[0] == 'D') topic += "/d" + std::to_string(which >> 4);
  return topic;
}

/// Metrics of one byte each: a name, and an alias in a birth; or an alias alone.
std::string sparkplug_of(std::string_view bytes, std::uint64_t step) {
  ProtoWriter writer;
  writer.number(1, step + 1);
  for (const char byte : bytes.substr(0, 32)) {
    const std::uint64_t number = static_cast<unsigned char>(byte) & 31U;
    ProtoWriter inside;
    if ((byte & 32) == 0)
      inside.text(1, std::string(byte & 64 ? 1 : 30, 'm') + std::to_string(number));
    inside.number(2, number).number(4, 4).number(11, step);
    writer.text(2, inside.bytes());
  }
  return writer.number(3, step % 256).bytes();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::array<bool, 3> gap{};
  std::array<bool, 3> fed{};
  app::Pipeline pipeline(configuration(),
                         [&](std::size_t stream, const Line& line, const Arrival&) {
                           must_hold(is_valid_utf8(line.bytes), "a line is UTF-8");
                           must_hold(is_one_document(line.bytes), "a line is JSON");
                           const bool null = line.bytes.find("\"y\":null") != std::string::npos;
                           (null ? gap : fed)[stream] = true;
                         });
  pipeline.explain([](std::string_view, const std::string&) {});
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::set<std::string>, 3> alive;  // the edge nodes that fed each stream last
  std::uint64_t forgotten = 0;
  TimePoint now{};
  for (std::uint64_t step = 0; step < kMostMessages && rest.size() > 3; ++step) {
    const std::string topic =
        topic_of(static_cast<unsigned char>(rest[0]), static_cast<unsigned char>(rest[1]));
    const std::string_view bytes = rest.substr(3, static_cast<unsigned char>(rest[2]));
    rest.remove_prefix(3 + bytes.size());
    const bool sparkplug = topic.starts_with("spB");
    const std::string payload = sparkplug ? sparkplug_of(bytes, step) : std::string(bytes);
    gap = fed = {};
    Message message;
    message.topic = topic;
    message.payload = payload;
    message.received_mono = now += std::chrono::milliseconds(100);
    pipeline.take(message);
    pipeline.due_commands(now, WallTime{});

    const app::PipelineCounts counts = pipeline.counts();
    must_hold(counts.state_bytes <= kMemory, "names keep to their memory");
    std::uint64_t evictions = 0;
    for (std::size_t kind = 1; kind < counts.state_evictions.size(); ++kind) {
      evictions += counts.state_evictions[kind];
    }
    // Whoever was forgotten owes no gap: which one it was is not known here.
    if (evictions != forgotten) {
      for (auto& nodes : alive) nodes.clear();
    }
    forgotten = evictions;
    const auto parsed = decode::parse_sparkplug_topic(topic);
    if (!sparkplug || !parsed) continue;
    const std::string node(parsed->edge_node);
    for (std::size_t stream = 0; stream < alive.size(); ++stream) {
      if (parsed->type == decode::SparkplugType::kNodeDeath) {
        must_hold(gap[stream] || !alive[stream].contains(node), "a death is a gap");
        alive[stream].erase(node);
      } else if (parsed->type == decode::SparkplugType::kDeviceDeath) {
        alive[stream].erase(node);  // the device may have been the one that fed it
      } else if (fed[stream]) {
        alive[stream].insert(node);
      }
    }
  }
  return 0;
}
