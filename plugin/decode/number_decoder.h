// A payload that is one JSON number as text: `23.50` stays `23.50`. White space around it is
// ignored; what JSON does not count as a number (NaN, +1, .5, 0x10) is an error. One thread at a
// time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/model/field_path.h"

#include <vector>

namespace plotbridge::decode {

class NumberDecoder final : public Decoder {
 public:
  explicit NumberDecoder(const std::vector<FieldPath>& fields);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;

 private:
  std::vector<std::size_t> value_slots_;
  std::vector<Value> slots_;
};

}  // namespace plotbridge::decode
