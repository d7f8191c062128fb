// Concern: who chooses texts does not choose their hashes.
#include "plugin/base/text_hash.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace plotbridge {
namespace {

// Pairs of words after which the state of murmur64A, std::hash of libstdc++, differs in the highest
// bit alone, whatever it was before; a second such pair makes it equal again.
constexpr std::uint64_t kFactor = 0xc6a4a7935bd1e995U;

constexpr std::uint64_t inverse(std::uint64_t odd) {
  std::uint64_t result = odd;
  for (int i = 0; i < 6; ++i) result *= 2 - odd * result;
  return result;
}

constexpr std::uint64_t other_of(std::uint64_t word) {
  const auto fold = [](std::uint64_t value) { return value ^ (value >> 47); };
  const std::uint64_t mixed = (fold(word * kFactor) * kFactor) ^ (std::uint64_t{1} << 63);
  return fold(mixed * inverse(kFactor)) * inverse(kFactor);
}

std::string text_of(std::uint64_t word) {
  std::string text(sizeof word, '\0');
  std::memcpy(text.data(), &word, sizeof word);
  return text;
}

TEST(TextHash, TextsThatCollideInStdHashOnPurposeDoNotHere) {
  const std::string one = text_of(1);
  const std::string other = text_of(other_of(1));
  std::vector<std::string> texts{""};
  for (int doubled = 0; doubled < 10; ++doubled) {
    for (std::size_t i = 0, end = texts.size(); i < end; ++i) {
      texts.push_back(texts[i] + other + other);
      texts[i] += one + one;
    }
  }
  std::set<std::size_t> theirs;
  std::set<std::size_t> ours;
  for (const std::string& text : texts) {
    theirs.insert(std::hash<std::string_view>{}(text));
    ours.insert(TextHash(1)(text) % 4096);
  }
#if defined(__GLIBCXX__) && defined(__x86_64__)
  EXPECT_EQ(theirs.size(), 1U) << "the attack works";
#endif
  EXPECT_GT(ours.size(), 850U) << "1,024 in 4,096 places: 906 by chance";
}

TEST(TextHash, EachByteTheLengthAndTheSaltCount) {
  std::set<std::size_t> hashes;
  std::size_t count = 0;
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, '\0');
    for (std::uint64_t salt = 0; salt < 4; ++salt, ++count) hashes.insert(TextHash(salt)(text));
    for (char& byte : text) {
      byte = 'x';
      hashes.insert(TextHash(0)(text));
      byte = '\0';
      ++count;
    }
  }
  EXPECT_EQ(hashes.size(), count);
  EXPECT_EQ(TextHash(5)("a topic"), TextHash(5)(std::string("a topic")));
}

// Of another implementation, which agrees with the one of CPython.
TEST(TextHash, IsSipHash13) {
  const TextHash hash(7);
  EXPECT_EQ(hash(""), 0xba63d83647e6c281U);
  EXPECT_EQ(hash("1234567"), 0xac25ddb9965fe9fbU);
  EXPECT_EQ(hash("plant/line1/temperature"), 0x35c968aaf6917bd7U);
}

}  // namespace
}  // namespace plotbridge
