// Random JSON documents, good and damaged, the same for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::test {

class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  /// A good document with white space, escapes, doubled keys and numbers of every form. Member
  /// names are single letters, so that a random path often meets one.
  std::string document(std::size_t depth = 4) { return space() + value(depth) + space(); }

  /// One to three bytes deleted, doubled, replaced or put in; or the end cut off.
  std::string damaged(std::string text) {
    for (std::size_t i = below(3) + 1; i > 0 && !text.empty(); --i) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text.insert(at, 1, text[at]);
          break;
        case 2:
          text[at] = any_byte();
          break;
        case 3:
          text.insert(at, 1, any_byte());
          break;
        default:
          text.resize(at);
      }
    }
    return text;
  }

  std::string bytes(std::size_t max_size) {
    std::string text(below(max_size + 1), '\0');
    for (char& c : text) c = any_byte();
    return text;
  }

 private:
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[below(choices.size())];
  }

  char any_byte() {
    static constexpr std::string_view kTelling = "{}[],:\"\\ntfu0123456789.-+eE \n\x01\x7f";
    if (below(4) != 0) return kTelling[below(kTelling.size())];
    return static_cast<char>(1 + below(255));
  }

  std::string space() { return one_of<std::string>({"", "", "", " ", "\n", "\t \r\n"}); }

  std::string number() {
    return one_of<std::string>({"0", "-0", "2.50", "18446744073709551615", "-9223372036854775808",
                                "1e5", "1E-05", "0.1e+3", "123456789012345678901234567890.0"});
  }

  std::string string() {
    static const std::vector<std::string> kPieces = {"a",
                                                     "temp",
                                                     "\xC3\xA9",
                                                     "\xE2\x82\xAC",
                                                     "\xF0\x9F\x98\x80",
                                                     "\\n",
                                                     "\\\"",
                                                     "\\\\",
                                                     "\\/",
                                                     "\\u00e9",
                                                     "\\ud83d\\ude00",
                                                     "\\u0000",
                                                     "longer than a machine word",
                                                     "\x7f",
                                                     " "};
    std::string text = "\"";
    for (std::size_t i = below(4); i > 0; --i) text += one_of(kPieces);
    return text + "\"";
  }

  std::string value(std::size_t depth) {
    const std::size_t kind = below(depth == 0 ? 4 : 8);
    if (kind == 0) return one_of<std::string>({"true", "false", "null"});
    if (kind == 1) return string();
    if (kind < 4) return number();
    const bool object = kind < 6;
    std::string text = object ? "{" : "[";
    for (std::size_t i = below(5), left = i; left > 0; --left) {
      if (left != i) text += "," + space();
      if (object) text += one_of<std::string>({"\"a\"", "\"b\"", "\"\\u0063\""}) + space() + ":";
      text += space() + value(depth - 1) + space();
    }
    return text + (object ? "}" : "]");
  }

  std::mt19937_64 random_;
};

}  // namespace plotbridge::test
