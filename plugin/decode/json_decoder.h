// A payload that is one JSON document: one sample, or with `each` one for each element of an array,
// whose fields are looked for in the element first and then in the document. Leaves to others:
// finding fields (json_fields). One thread at a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/decode/json_fields.h"
#include "plugin/model/decode_spec.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class JsonDecoder final : public Decoder {
 public:
  /// A path without steps is the document, with `each` the element.
  explicit JsonDecoder(const std::vector<FieldPath>& fields,
                       const std::optional<FieldPath>& each = std::nullopt,
                       std::size_t max_points = kDefaultMaxPoints);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;
  std::string fields_of(std::string_view payload) override;

 private:
  tl::expected<void, DecodeError> take_each(std::string_view document, const TakeSample& take);

  JsonFields document_;  // with `each` its array is the last field
  std::optional<JsonFields> element_;
  std::string each_;  // as it was written
  std::size_t max_points_;
  std::vector<Value> slots_;
  std::vector<std::size_t> whole_;  // slots that are the whole value
};

}  // namespace plotbridge::decode
