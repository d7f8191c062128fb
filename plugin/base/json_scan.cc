#include "plugin/base/json_scan.h"

#include "plugin/base/utf8.h"

#include <bit>
#include <cstring>

namespace plotbridge {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::uint64_t repeat(unsigned char byte) { return 0x0101010101010101U * byte; }

/// The high bit of each of eight bytes that is a quote, a backslash or a control. May also mark
/// bytes behind the first such one, never before it.
std::uint64_t special_bytes(std::uint64_t word) {
  // Where a byte is below n, taking away n borrows into its high bit.
  const std::uint64_t borrowed = (word - repeat(0x20)) | ((word ^ repeat('"')) - repeat(1)) |
                                 ((word ^ repeat('\\')) - repeat(1));
  return borrowed & ~word & repeat(0x80);
}

constexpr bool is_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// The first byte of a string that is not simply itself, or `end`.
const char* find_special(const char* at, const char* end) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 8; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at, 8);
      if (const std::uint64_t special = special_bytes(word); special != 0) {
        return at + std::countr_zero(special) / 8;
      }
    }
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct NumberEnd {
  const char* at;  // behind the number, or where it is wrong
  bool good;
};

NumberEnd scan_number_at(const char* at, const char* end) {
  const auto digits = [end](const char* from) {
    while (from != end && is_digit(*from)) ++from;
    return from;
  };
  if (at != end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return {at, false};
  at = *at == '0' ? at + 1 : digits(at);
  if (at != end && *at == '.') {
    const char* const fraction = at + 1;
    at = digits(fraction);
    if (at == fraction) return {at, false};
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = digits(exponent);
    if (at == exponent) return {at, false};
  }
  return {at, true};
}

std::uint32_t hex4(const char* digits) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 4 | static_cast<std::uint32_t>(hex_digit(digits[i]));
  return value;
}

/// The character that a two-byte escape stands for.
char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;  // quote, backslash, slash
  }
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

bool is_json_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  const NumberEnd number = scan_number_at(text.data(), end);
  return number.good && number.at == end;
}

void append_json_unescaped(std::string_view raw, std::string& out) {
  for (std::size_t at = 0;;) {
    const std::size_t backslash = raw.find('\\', at);
    out.append(raw.substr(at, backslash - at));
    if (backslash == std::string_view::npos) return;
    if (raw[backslash + 1] != 'u') {
      out.push_back(unescaped(raw[backslash + 1]));
      at = backslash + 2;
      continue;
    }
    std::uint32_t code_point = hex4(raw.data() + backslash + 2);
    at = backslash + 6;
    if (is_high_surrogate(code_point) && raw.substr(at, 2) == "\\u") {
      const std::uint32_t low = hex4(raw.data() + at + 2);
      if (is_low_surrogate(low)) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    append_code_point(code_point, out);
  }
}

JsonToken JsonScanner::next() {
  if (state_ == State::kOver) return over_as_;
  skip_space();
  token_ = at_;
  switch (state_) {
    case State::kValue:
      return scan_value();
    case State::kFirstElement:
      if (at_ != end_ && *at_ == ']') return close(JsonToken::kArrayEnd);
      return scan_value();
    case State::kFirstKey:
      if (at_ != end_ && *at_ == '}') return close(JsonToken::kObjectEnd);
      return scan_key();
    case State::kKey:
      return scan_key();
    case State::kAfterValue:
      return scan_after_value();
    case State::kOver:
      break;
  }
  return over_as_;
}

JsonToken JsonScanner::scan_value() {
  if (at_ == end_) return error(at_, "a value");
  switch (*at_) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      if (!scan_string()) return JsonToken::kError;
      value_done();
      return JsonToken::kString;
    case 't':
      return scan_word("true", JsonToken::kTrue);
    case 'f':
      return scan_word("false", JsonToken::kFalse);
    case 'n':
      return scan_word("null", JsonToken::kNull);
    default:
      return scan_number();
  }
}

JsonToken JsonScanner::scan_key() {
  if (at_ == end_ || *at_ != '"') {
    return error(at_, state_ == State::kFirstKey ? "a key in quotes or }" : "a key in quotes");
  }
  if (!scan_string()) return JsonToken::kError;
  skip_space();
  if (at_ == end_ || *at_ != ':') return error(at_, "a colon");
  ++at_;
  state_ = State::kValue;
  return JsonToken::kKey;
}

JsonToken JsonScanner::scan_after_value() {
  if (depth_ == 0) {
    if (at_ != end_) return error(at_, "the end of the document");
    state_ = State::kOver;
    return over_as_ = JsonToken::kEnd;
  }
  const bool object = in_object();
  if (at_ != end_) {
    if (*at_ == ',') {
      ++at_;
      skip_space();
      token_ = at_;
      state_ = object ? State::kKey : State::kValue;
      return object ? scan_key() : scan_value();
    }
    if (*at_ == (object ? '}' : ']')) {
      return close(object ? JsonToken::kObjectEnd : JsonToken::kArrayEnd);
    }
  }
  return error(at_, object ? "a comma or }" : "a comma or ]");
}

JsonToken JsonScanner::open(bool object) {
  if (depth_ == max_depth_) {
    return error(at_, max_depth_ == kMaxDepth ? "at most 64 levels of objects and arrays"
                                              : "at most 56 levels of objects and arrays");
  }
  objects_ = objects_ << 1 | (object ? 1U : 0U);
  ++depth_;
  raw_ = std::string_view(at_++, 1);
  state_ = object ? State::kFirstKey : State::kFirstElement;
  return object ? JsonToken::kObjectBegin : JsonToken::kArrayBegin;
}

JsonToken JsonScanner::close(JsonToken token) {
  objects_ >>= 1;
  --depth_;
  raw_ = std::string_view(at_++, 1);
  value_done();
  return token;
}

JsonToken JsonScanner::scan_number() {
  const NumberEnd number = scan_number_at(at_, end_);
  if (!number.good) return error(number.at, number.at == at_ ? "a value" : "a digit");
  raw_ = std::string_view(at_, static_cast<std::size_t>(number.at - at_));
  at_ = number.at;
  value_done();
  return JsonToken::kNumber;
}

JsonToken JsonScanner::scan_word(std::string_view word, JsonToken token) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (!rest.starts_with(word)) return error(at_, "a value");
  raw_ = rest.substr(0, word.size());
  at_ += word.size();
  value_done();
  return token;
}

bool JsonScanner::scan_string() {
  const char* const first = at_ + 1;
  const char* const stop = find_special(first, end_);
  escaped_ = false;
  if (stop == end_ || *stop != '"') return scan_escaped_string(first, stop);
  raw_ = std::string_view(first, static_cast<std::size_t>(stop - first));
  at_ = stop + 1;
  return true;
}

bool JsonScanner::scan_escaped_string(const char* first, const char* stop) {
  for (at_ = stop;; at_ = find_special(at_, end_)) {
    if (at_ == end_) {
      error(at_, "a closing quote");
      return false;
    }
    if (*at_ == '"') {
      raw_ = std::string_view(first, static_cast<std::size_t>(at_ - first));
      ++at_;
      return true;
    }
    if (*at_ != '\\') {
      error(at_, "no control character inside a string");
      return false;
    }
    if (!scan_escape()) return false;
  }
}

bool JsonScanner::scan_escape() {
  escaped_ = true;
  ++at_;
  if (at_ == end_ || std::string_view("\"\\/bfnrtu").find(*at_) == std::string_view::npos) {
    error(at_, "one of \"\\/bfnrtu after the backslash");
    return false;
  }
  const int digits = *at_ == 'u' ? 4 : 0;
  ++at_;
  for (int i = 0; i < digits; ++i, ++at_) {
    if (at_ == end_ || hex_digit(*at_) < 0) {
      error(at_, "four hexadecimal digits after \\u");
      return false;
    }
  }
  return true;
}

JsonToken JsonScanner::error(const char* at, std::string_view expected) {
  at_ = at;
  token_ = at;
  expected_ = expected;
  state_ = State::kOver;
  return over_as_ = JsonToken::kError;
}

}  // namespace plotbridge
