// Concern: what passes as a number is a number to the C library too, and lies inside the payload.
#include "plugin/decode/decoder_factory.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto decoder = decode::make_decoder(DecodeSpec{}, {FieldPath{}});
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  std::string number;
  const auto decoded =
      decoder->decode(payload, [&number](std::span<const Value> slots) { number = slots[0].text; });
  if (!decoded) {
    must_hold(number.empty(), "an error takes no sample");
    must_hold(decoded.error().message.size() < 300, "an error text is short");
    return 0;
  }
  must_hold(payload.find(number) != std::string_view::npos, "the digits are those of the payload");
  char* end = nullptr;
  std::strtod(number.c_str(), &end);
  must_hold(end == number.c_str() + number.size(), "the C library reads all of it");
  return 0;
}
