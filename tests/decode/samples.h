// What a decoder made of a payload, written out so that a test can compare it as a whole.
#pragma once

#include "plugin/decode/decoder_factory.h"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

inline std::string written(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kMissing:
      return "-";
    case Value::Kind::kNull:
      return "null";
    case Value::Kind::kText:
      return '"' + std::string(value.text) + '"';
    case Value::Kind::kNumber:
    case Value::Kind::kJson:
      return std::string(value.text);
    case Value::Kind::kTime:
      break;
  }
  return "time " + std::to_string(value.time.time_since_epoch().count());
}

inline std::vector<FieldPath> paths(std::initializer_list<std::string_view> texts) {
  std::vector<FieldPath> result;
  for (const std::string_view text : texts) {
    result.push_back(text == "$value" ? FieldPath{} : FieldPath::parse(text).value());
  }
  return result;
}

struct Decoded {
  std::vector<std::string> samples;  // "1 | "a" | -"
  DecodeError error;                 // kind is empty: none
};

inline Decoded run(Decoder& decoder, std::string_view payload) {
  Decoded decoded;
  const auto result = decoder.decode(payload, [&](std::span<const Value> slots) {
    std::string sample;
    for (const Value& value : slots) sample += (sample.empty() ? "" : " | ") + written(value);
    decoded.samples.push_back(sample);
  });
  if (!result) decoded.error = result.error();
  return decoded;
}

inline Decoded run(const DecodeSpec& spec, std::initializer_list<std::string_view> fields,
                   std::string_view payload) {
  return run(*make_decoder(spec, paths(fields)), payload);
}

using Samples = std::vector<std::string>;

}  // namespace plotbridge::decode
