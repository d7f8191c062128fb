// What a message costs between its topic and its line: nanoseconds, the median of several runs,
// beside a reference measured in the same run. Compare the ratios; the nanoseconds are this
// machine's.
#include "plugin/base/proto_writer.h"
#include "plugin/decode/decoder_factory.h"
#include "plugin/decode/sparkplug_host.h"
#include "plugin/encode/line_encoder.h"
#include "plugin/route/router.h"
#include "plugin/route/topic_cache.h"
#include "plugin/shape/point_plan.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

namespace plotbridge {
namespace {

constexpr int kRuns = 9;

/// Keeps the compiler from dropping what nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

/// Something that is done once for each message number.
struct Work {
  std::string name;
  std::function<void(int count)> run;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Runs all works in turns, so that a slow moment of the machine meets all of them; the first one
/// is the reference of the others.
void compare(const std::string& title, int count, const std::vector<Work>& works) {
  std::vector<std::vector<double>> ns(works.size());
  for (int run = 0; run <= kRuns; ++run) {
    for (std::size_t i = 0; i < works.size(); ++i) {
      const auto start = std::chrono::steady_clock::now();
      works[i].run(count);
      const std::chrono::duration<double, std::nano> took =
          std::chrono::steady_clock::now() - start;
      if (run > 0) ns[i].push_back(took.count() / count);  // the first run warms up
    }
  }
  std::printf("%s\n", title.c_str());
  for (std::size_t i = 0; i < works.size(); ++i) {
    std::printf("  %-46s %9.1f ns   x %.2f\n", works[i].name.c_str(), median(ns[i]),
                median(ns[i]) / median(ns[0]));
  }
}

PointItem item(std::string key, PointSource::Kind kind, std::string_view path = "") {
  PointItem made{std::move(key), {}};
  made.source.kind = kind;
  if (!path.empty()) made.source.field = FieldPath::parse(path).value();
  return made;
}

DecodeSpec of_type(DecodeType type) {
  DecodeSpec spec;
  spec.type = type;
  return spec;
}

/// Payload to line, as the pipeline does it for each message.
class Codec {
 public:
  Codec(const DecodeSpec& decode, PointSpec spec,
        std::shared_ptr<const decode::ProtoSchemas> schemas = nullptr)
      : plan_(std::move(spec)),
        decoder_(decode::make_decoder(decode, plan_.fields(), std::move(schemas))),
        encoder_(plan_.keys(), TimeFormat::kPlotly) {}

  void line(std::string_view payload, WallTime now) {
    line_.clear();
    const auto decoded = decoder_->decode(payload, [this, now](std::span<const Value> slots) {
      if (plan_.shape(slots, {now, "plant/line/machine", {}}, values_) == std::nullopt) {
        encoder_.encode(values_, line_);
      }
    });
    keep(decoded);
    keep(line_);
  }

 private:
  shape::PointPlan plan_;
  std::unique_ptr<decode::Decoder> decoder_;
  encode::LineEncoder encoder_;
  std::vector<Value> values_;
  std::string line_;
};

WallTime time_of(int i) {
  return WallTime(std::chrono::milliseconds(1'795'452'000'000 + i * std::int64_t{37}));
}

/// Copies a payload and looks at each of its bytes: about the least that any codec does.
void copy_and_look(std::string_view payload, std::string& copy) {
  copy.assign(payload);
  unsigned sum = 0;
  for (const char c : copy) sum += static_cast<unsigned char>(c);
  keep(sum);
}

void number() {
  const std::string payload = "23.50";
  Codec codec(of_type(DecodeType::kNumber),
              {item("x", PointSource::Kind::kReceived), item("y", PointSource::Kind::kValue)});
  std::string copy;
  compare("number, 5 bytes, to a line with the time received", 1'000'000,
          {{"reference: copy and look at each byte",
            [&](int count) {
              for (int i = 0; i < count; ++i) copy_and_look(payload, copy);
            }},
           {"decode, shape, encode", [&](int count) {
              for (int i = 0; i < count; ++i) codec.line(payload, time_of(i));
            }}});
}

constexpr const char* kTelemetryProto = R"(syntax = "proto3";
message Telemetry {
  string machine = 1;
  double temperature = 2;
  float pressure = 3;
  bool running = 4;
  int64 time = 5;
})";

/// The library's reflection of one message that is parsed again and again.
class Reflected {
 public:
  Reflected() {
    google::protobuf::io::ArrayInputStream input(kTelemetryProto,
                                                 static_cast<int>(std::strlen(kTelemetryProto)));
    google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
    google::protobuf::FileDescriptorProto file;
    google::protobuf::compiler::Parser().Parse(&tokenizer, &file);
    file.set_name("telemetry.proto");
    const auto* type = pool_.BuildFile(file)->message_type(0);
    message_.reset(factory_.GetPrototype(type)->New());
    fill();
  }
  std::string bytes() const { return message_->SerializeAsString(); }
  void read(const std::string& payload) {
    message_->ParseFromString(payload);
    const auto* type = message_->GetDescriptor();
    keep(message_->GetReflection()->GetInt64(*message_, type->field(4)));
    keep(message_->GetReflection()->GetDouble(*message_, type->field(1)));
  }

 private:
  void fill() {
    const auto* how = message_->GetReflection();
    const auto* type = message_->GetDescriptor();
    how->SetString(message_.get(), type->field(0), "press-07");
    how->SetDouble(message_.get(), type->field(1), 81.25);
    how->SetFloat(message_.get(), type->field(2), 4.125F);
    how->SetBool(message_.get(), type->field(3), true);
    how->SetInt64(message_.get(), type->field(4), 1'795'452'000'123);
  }

  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_{&pool_};
  std::unique_ptr<google::protobuf::Message> message_;
};

void protobuf() {
  Reflected reflected;
  const std::string payload = reflected.bytes();
  std::vector<decode::ProtoFlaw> flaws;
  const auto schemas = decode::ProtoSchemas::load(
      {{"telemetry.proto", {}, {}}},
      [](const std::string&) { return std::optional<std::string>(kTelemetryProto); }, flaws);
  DecodeSpec spec = of_type(DecodeType::kProtobuf);
  spec.message = "Telemetry";
  Codec two(spec,
            {item("x", PointSource::Kind::kField, "time"),
             item("y", PointSource::Kind::kField, "temperature")},
            schemas);
  compare("protobuf, " + std::to_string(payload.size()) + " bytes, 2 of 5 fields", 500'000,
          {{"reference: the library's reflection, parse alone",
            [&](int count) {
              for (int i = 0; i < count; ++i) reflected.read(payload);
            }},
           {"decode, shape, encode", [&](int count) {
              for (int i = 0; i < count; ++i) two.line(payload, time_of(i));
            }}});
}

/// A birth, or data by alias, of `count` metrics.
std::string sparkplug_payload(int count, bool birth, std::uint64_t seq) {
  ProtoWriter payload;
  payload.number(1, 1'795'452'000'000 + seq);
  for (int i = 0; i < count; ++i) {
    ProtoWriter metric;
    if (birth) metric.text(1, "Inputs/Metric " + std::to_string(i)).number(4, 10);
    metric.number(2, static_cast<std::uint64_t>(i)).number(3, 1'795'452'000'000 + seq);
    payload.text(2, metric.real(13, 20.5 + i).bytes());
  }
  return payload.number(3, seq % 256).bytes();
}

void sparkplug(int metrics) {
  StateMemory memory(std::size_t{16} << 20);
  decode::SparkplugHost host(memory);
  const auto birth_topic = *decode::parse_sparkplug_topic("spBv1.0/plant/NBIRTH/line1");
  const auto topic = *decode::parse_sparkplug_topic("spBv1.0/plant/NDATA/line1");
  const encode::LineEncoder encoder({"x", "y"}, TimeFormat::kPlotly);
  std::string line;
  const auto on_sample = [&](const decode::SparkplugSample& sample) {
    line.clear();
    const std::array<Value, 2> values{Value::of_time(sample.at), sample.value};
    encoder.encode(values, line);
    keep(line);
  };
  static_cast<void>(host.take(birth_topic, sparkplug_payload(metrics, true, 0), {}, on_sample));
  std::vector<std::string> payloads;
  for (std::uint64_t seq = 1; seq <= 256; ++seq) {
    payloads.push_back(sparkplug_payload(metrics, false, seq));
  }
  std::size_t next = 0;
  std::string copy;
  compare("Sparkplug, " + std::to_string(metrics) + " metrics by alias, for each metric", 300'000,
          {{"reference: copy and look at each byte",
            [&](int count) {
              for (int i = 0; i < count; i += metrics) copy_and_look(payloads[0], copy);
            }},
           {"decode, encode", [&](int count) {
              for (int i = 0; i < count; i += metrics) {
                keep(host.take(topic, payloads[next++ % 256], {}, std::cref(on_sample)));
              }
            }}});
}

void json() {
  const std::string payload =
      R"({"machine":"press-07","temperature":81.25,"pressure":4.125,"running":true,)"
      R"("time":"2026-11-23T16:40:00Z"})";
  Codec two(of_type(DecodeType::kJson), {item("x", PointSource::Kind::kField, "time"),
                                         item("y", PointSource::Kind::kField, "temperature")});
  std::string copy;
  simdjson::dom::parser parser;
  compare("JSON, " + std::to_string(payload.size()) + " bytes, 2 of 5 fields", 300'000,
          {{"reference: simdjson dom, parse alone",
            [&](int count) {
              for (int i = 0; i < count; ++i) keep(parser.parse(payload).error());
            }},
           {"copy and look at each byte",
            [&](int count) {
              for (int i = 0; i < count; ++i) copy_and_look(payload, copy);
            }},
           {"nlohmann, parse alone",
            [&](int count) {
              for (int i = 0; i < count / 10; ++i) {
                for (int ten = 0; ten < 10; ++ten) keep(nlohmann::json::parse(payload));
              }
            }},
           {"decode, shape, encode", [&](int count) {
              for (int i = 0; i < count; ++i) two.line(payload, time_of(i));
            }}});
}

void topics() {
  constexpr std::size_t kFilters = 10'000;
  route::Router router;
  StateMemory memory(std::size_t{16} << 20);
  route::TopicCache<std::vector<route::Match>> cache(memory);
  std::unordered_map<std::string, std::size_t> exact;
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < kFilters; ++i) {
    const std::string machine = "machine" + std::to_string(i);
    router.add(route::TopicFilter::parse("plant/{line}/" + machine + "/temperature").value(), i);
    topics.push_back("plant/north/" + machine + "/temperature");
    exact.emplace(topics.back(), i);
  }
  for (const std::string& topic : topics) cache.put(topic, router.match(topic), 0);
  const auto each_topic = [&topics](int count, const auto& look_up) {
    std::size_t at = 0;
    for (int i = 0; i < count; ++i) {
      at = (at + 7919) % topics.size();  // neighbours in memory do not follow each other
      look_up(topics[at]);
    }
  };
  compare("topic to routes, 10,000 filters with a capture", 200'000,
          {{"reference: find in an unordered_map of strings",
            [&](int count) {
              each_topic(count, [&](const std::string& topic) { keep(exact.find(topic)); });
            }},
           {"topic seen before (cache)",
            [&](int count) {
              each_topic(count, [&](const std::string& topic) { keep(cache.find(topic)); });
            }},
           {"new topic (trie)", [&](int count) {
              each_topic(count, [&](const std::string& topic) { keep(router.match(topic)); });
            }}});
}

}  // namespace
}  // namespace plotbridge

int main() {
  plotbridge::number();
  plotbridge::json();
  plotbridge::protobuf();
  for (const int metrics : {1, 10, 100}) plotbridge::sparkplug(metrics);
  plotbridge::topics();
}
