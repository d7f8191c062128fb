// The words for why a message, or a point of it, gave no line, each with the formats that may say
// it: a value made of a word that is not in the table does not compile. Pure; any thread.
#pragma once

#include "plugin/model/decode_spec.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace plotbridge {

struct KnownDecodeError {
  std::string_view word;
  std::uint32_t formats = 0;  // one bit each
  bool limit = false;         // there was too much of the message

  constexpr bool is_of(DecodeType type) const {
    return ((formats >> static_cast<std::uint32_t>(type)) & 1U) != 0;
  }
};

namespace decode_error_kinds {
template <class... Types>
constexpr std::uint32_t of(Types... types) {
  return ((1U << static_cast<std::uint32_t>(types)) | ...);
}
inline constexpr std::uint32_t kAny = 0xFFFF'FFFF;
}  // namespace decode_error_kinds

inline constexpr auto kDecodeErrors = std::to_array<KnownDecodeError>({
    {"compression", decode_error_kinds::kAny},
    {"missing_field", decode_error_kinds::kAny},
    {"not_a_number", decode_error_kinds::kAny},
    {"not_a_time", decode_error_kinds::kAny},
    {"not_in_map", decode_error_kinds::kAny},
    {"internal", decode_error_kinds::kAny},
    {"too_many_points", decode_error_kinds::kAny, true},
    {"line_too_long", decode_error_kinds::kAny, true},
    {"too_large", decode_error_kinds::kAny, true},
    {"out_of_memory", decode_error_kinds::kAny, true},
    {"empty", decode_error_kinds::of(DecodeType::kNumber, DecodeType::kText, DecodeType::kJson,
                                     DecodeType::kCsv)},
    {"json", decode_error_kinds::of(DecodeType::kJson)},
    {"not_an_array", decode_error_kinds::of(DecodeType::kJson)},
    {"csv", decode_error_kinds::of(DecodeType::kCsv)},
    {"too_short", decode_error_kinds::of(DecodeType::kBinary)},
    {"protobuf", decode_error_kinds::of(DecodeType::kProtobuf)},
    {"sparkplug", decode_error_kinds::of(DecodeType::kSparkplug)},
    {"sparkplug_topic", decode_error_kinds::of(DecodeType::kSparkplug)},
    {"no_birth", decode_error_kinds::of(DecodeType::kSparkplug)},
    {"state_memory", decode_error_kinds::of(DecodeType::kSparkplug)},
});

/// One of the words; empty: none.
class DecodeErrorKind {
 public:
  constexpr DecodeErrorKind() = default;
  // Words are given as they are: {"json", ...}.
  consteval DecodeErrorKind(const char* word) : word_(word) {  // NOLINT(*-explicit-*)
    if (std::ranges::find(kDecodeErrors, word_, &KnownDecodeError::word) == kDecodeErrors.end()) {
      throw "not in kDecodeErrors";
    }
  }
  constexpr operator std::string_view() const { return word_; }  // NOLINT(*-explicit-*)
  constexpr bool empty() const { return word_.empty(); }
  friend constexpr bool operator==(DecodeErrorKind a, std::string_view b) { return a.word_ == b; }

 private:
  std::string_view word_;
};

}  // namespace plotbridge
