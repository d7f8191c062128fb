#include "plugin/decode/number_decoder.h"

#include "plugin/base/json_scan.h"
#include "plugin/decode/found_text.h"

namespace plotbridge::decode {
namespace {

DecodeError not_a_number(std::string_view payload, std::string_view token, std::size_t start) {
  if (token.empty()) {
    return {"empty", "expected a number, but the payload is empty", 0};
  }
  return {"not_a_number",
          "expected a JSON number such as -12.5 or 3e8 at byte " + std::to_string(start) + ", " +
              found_text(payload, start),
          start};
}

}  // namespace

NumberDecoder::NumberDecoder(const std::vector<FieldPath>& fields) : slots_(fields.size()) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].steps.empty()) value_slots_.push_back(i);
  }
}

tl::expected<void, DecodeError> NumberDecoder::decode(std::string_view payload,
                                                      const TakeSample& take) {
  std::size_t start = 0;
  std::size_t end = payload.size();
  while (start != end && is_json_space(payload[start])) ++start;
  while (end != start && is_json_space(payload[end - 1])) --end;
  const std::string_view token = payload.substr(start, end - start);
  if (!is_json_number(token)) return tl::make_unexpected(not_a_number(payload, token, start));
  for (const std::size_t slot : value_slots_) slots_[slot] = Value::number(token);
  take(slots_);
  return {};
}

}  // namespace plotbridge::decode
