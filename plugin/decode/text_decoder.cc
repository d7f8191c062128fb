#include "plugin/decode/text_decoder.h"

namespace plotbridge::decode {

TextDecoder::TextDecoder(const std::vector<FieldPath>& fields) : slots_(fields.size()) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].steps.empty()) value_slots_.push_back(i);
  }
}

tl::expected<void, DecodeError> TextDecoder::decode(std::string_view payload,
                                                    const TakeSample& take) {
  for (const std::size_t slot : value_slots_) slots_[slot] = Value::of_text(payload);
  take(slots_);
  return {};
}

}  // namespace plotbridge::decode
