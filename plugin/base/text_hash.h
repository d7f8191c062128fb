// The hash of a text that others chose, SipHash-1-3 keyed with a salt, so that whoever does not
// know the salt cannot choose buckets: std::hash lets them, whatever its seed. Linear in the text.
// Not responsible for: the salt, for which an address of this process does. Pure; any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace plotbridge {

class TextHash {
 public:
  using is_transparent = void;
  explicit TextHash(std::uint64_t salt) : salt_(salt) {}

  std::size_t operator()(std::string_view text) const {
    std::uint64_t v0 = salt_ ^ 0x736f6d6570736575U;
    std::uint64_t v1 = ~salt_ ^ 0x646f72616e646f6dU;
    std::uint64_t v2 = salt_ ^ 0x6c7967656e657261U;
    std::uint64_t v3 = ~salt_ ^ 0x7465646279746573U;
    const auto round = [&] {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    };
    const auto take = [&](std::uint64_t word) {
      v3 ^= word;
      round();
      v0 ^= word;
    };
    const std::uint64_t size = text.size();
    std::uint64_t word = 0;
    for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
      std::memcpy(&word, text.data(), sizeof word);
      take(word);
    }
    word = 0;
    if (!text.empty()) std::memcpy(&word, text.data(), text.size());
    take(word | size << 56);
    v2 ^= 0xff;
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

 private:
  std::uint64_t salt_;
};

}  // namespace plotbridge
