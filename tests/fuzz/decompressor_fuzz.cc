// Concern: whatever is packed in whatever way, nothing unpacks past the limit, and what is unpacked
// goes the way of any payload. The first byte is the compression.
#include "plugin/decode/decompressor.h"
#include "plugin/decode/text_decoder.h"

#include "tests/fuzz/strict_lines.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::size_t kMost = std::size_t{1} << 16;  // so that a few bytes reach it
  // Used again and again, like a route's: what one payload leaves behind must not touch the next.
  static decode::Decompressor decompressors[] = {decode::Decompressor(Compression::kNone, kMost),
                                                 decode::Decompressor(Compression::kGzip, kMost),
                                                 decode::Decompressor(Compression::kZlib, kMost),
                                                 decode::Decompressor(Compression::kZstd, kMost),
                                                 decode::Decompressor(Compression::kAuto, kMost)};
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  decode::Decompressor& decompressor = decompressors[data[0] % std::size(decompressors)];
  const auto unpacked = decompressor.unpack(payload);
  if (unpacked) {
    must_hold(unpacked->size() <= kMost, "the limit holds");
  } else {
    must_hold(unpacked.error().offset <= payload.size(), "an error is inside the payload");
    must_hold(unpacked.error().message.size() < 300, "an error text is short");
  }
  return 0;
}
