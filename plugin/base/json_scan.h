// Reads JSON as RFC 8259 writes it, in one pass, without memory of its own and without recursion,
// and gives raw slices: a number keeps its digits. What it leaves to others: UTF-8 (bytes past
// ASCII pass, see utf8.h) and building values. Pure; one scanner belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge {

/// Whether the whole of `text` is one JSON number, without white space.
bool is_json_number(std::string_view text);

/// Whether JSON counts `c` as white space.
constexpr bool is_json_space(char c) {
  return c <= ' ' && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}

/// Appends the text that a string's raw slice stands for; it grows by no more than `raw.size()`.
/// Half a surrogate pair becomes U+FFFD. `raw` comes from a JsonScanner.
void append_json_unescaped(std::string_view raw, std::string& out);

enum class JsonToken : std::uint8_t {
  kObjectBegin,
  kObjectEnd,
  kArrayBegin,
  kArrayEnd,
  kKey,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kEnd,    // the document is whole; nothing but white space is left
  kError,  // see expected() and offset()
};

class JsonScanner {
 public:
  /// Objects and arrays may stand this deep in each other.
  static constexpr std::size_t kMaxDepth = 64;

  /// Of a value that becomes part of a line: the line's own levels come on top.
  static constexpr std::size_t kMaxValueDepth = 56;

  /// Scans exactly one value; `text` must outlive the scanner.
  explicit JsonScanner(std::string_view text, std::size_t max_depth = kMaxDepth)
      : begin_(text.data()),
        end_(text.data() + text.size()),
        at_(begin_),
        token_(begin_),
        max_depth_(max_depth) {}

  /// The next token. After kEnd and kError it stays there.
  JsonToken next();

  /// The bytes of the last token; of a key or a string those between the quotes.
  std::string_view raw() const { return raw_; }
  /// Whether the last key or string holds a backslash.
  bool escaped() const { return escaped_; }
  /// Where the last token starts; after kError where reading stopped.
  std::size_t offset() const { return static_cast<std::size_t>(token_ - begin_); }
  /// Where the last token ends.
  std::size_t end_offset() const { return static_cast<std::size_t>(at_ - begin_); }
  /// How many objects and arrays are open.
  std::size_t depth() const { return depth_; }
  /// After kError: what should have stood at offset().
  std::string_view expected() const { return expected_; }

 private:
  enum class State : std::uint8_t { kValue, kFirstElement, kFirstKey, kKey, kAfterValue, kOver };

  JsonToken scan_value();
  JsonToken scan_key();
  JsonToken scan_after_value();
  JsonToken open(bool object);
  JsonToken close(JsonToken token);
  JsonToken scan_number();
  JsonToken scan_word(std::string_view word, JsonToken token);
  bool scan_string();
  bool scan_escaped_string(const char* first, const char* stop);
  bool scan_escape();
  void skip_space() {
    while (at_ != end_ && is_json_space(*at_)) ++at_;
  }
  void value_done() { state_ = State::kAfterValue; }
  JsonToken error(const char* at, std::string_view expected);
  bool in_object() const { return (objects_ & 1U) != 0; }

  const char* begin_;
  const char* end_;
  const char* at_;
  const char* token_;
  std::string_view raw_;
  std::string_view expected_;
  std::uint64_t objects_ = 0;  // one bit for each open level, the innermost lowest: 1 is an object
  std::size_t depth_ = 0;
  std::size_t max_depth_;
  State state_ = State::kValue;
  JsonToken over_as_ = JsonToken::kEnd;
  bool escaped_ = false;
};

}  // namespace plotbridge
