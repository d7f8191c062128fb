// Concern: whatever is packed in whatever way, nothing unpacks past the limit, and what is unpacked
// goes the way of any payload. The first byte is the compression.
#include "plugin/decode/decompressor.h"
#include "plugin/decode/text_decoder.h"

#include "tests/fuzz/strict_lines.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kKinds = 5;
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  decode::Decompressor decompressor(static_cast<Compression>(data[0] % kKinds));
  const auto unpacked = decompressor.unpack(payload);
  if (unpacked) {
    must_hold(unpacked->size() <= decode::Decompressor::kMostBytes, "the limit holds");
  } else {
    must_hold(unpacked.error().offset <= payload.size(), "an error is inside the payload");
    must_hold(unpacked.error().message.size() < 300, "an error text is short");
  }
  return 0;
}
