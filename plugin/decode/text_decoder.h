// A payload that is taken as text, whatever it holds; an empty one is an empty text. One thread at
// a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/model/field_path.h"

#include <vector>

namespace plotbridge::decode {

class TextDecoder final : public Decoder {
 public:
  explicit TextDecoder(const std::vector<FieldPath>& fields);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;

 private:
  std::vector<std::size_t> value_slots_;
  std::vector<Value> slots_;
};

}  // namespace plotbridge::decode
