// Concern: whatever the library takes for a message we take for the same one, and any bytes give
// either an error inside them or lines of strict JSON.
#include "tests/decode/proto_oracle.h"
#include "tests/fuzz/strict_lines.h"

#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace plotbridge;
using decode::ProtoDecoder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto* silencer = new google::protobuf::LogSilencer;
  static const decode::ProtoWorld world;
  static decode::ProtoOracle oracle;
  static const std::string type = "plant.v1.Telemetry";
  static ProtoDecoder whole = world.decoder(type, {"$value"});
  static ProtoDecoder some = world.decoder(
      type, {"temperature", "state", "winding.inner.name", "windings[1].temp", "tags.a",
             "parts.4.codes", "number", "detail.temp", "at", "set_point", "maybe", "labels"});
  static ProtoDecoder each = world.decoder(type, {"temp", "machine", "$value"}, "windings");
  static ProtoDecoder many = world.decoder(type, {"level", "raw"}, std::nullopt, true);
  static_cast<void>(silencer);
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  lines_must_be_strict(whole, 1, payload);
  lines_must_be_strict(some, 12, payload);
  lines_must_be_strict(each, 3, payload);
  lines_must_be_strict(many, 2, payload);

  const auto expected = oracle.json(type, payload);
  if (!expected) return 0;
  const decode::Decoded decoded = decode::run(whole, payload);
  // Where we stop on purpose: too deep, too large, and durations and structs that have no JSON.
  if (decoded.samples.empty()) {
    const std::string& why = decoded.error.message;
    must_hold(why.find(" deep") != std::string::npos || why.find("MiB") != std::string::npos ||
                  why.find("a duration") != std::string::npos,
              "what the library reads we read");
    return 0;
  }
  nlohmann::json ours = nlohmann::json::parse(decoded.samples[0], nullptr, false);
  must_hold(!ours.is_discarded(), "a message becomes JSON");
  nlohmann::json theirs = *expected;
  // Of these the library's JSON prints unknown fields, or what its own parser merged otherwise.
  for (const char* open_ended : {"meta", "any_value", "set_point", "at", "took", "stamps"}) {
    ours.erase(open_ended);
    theirs.erase(open_ended);
  }
  must_hold(decode::same(decode::normal(ours), decode::normal(theirs)),
            "the message is what the library says");
  return 0;
}
