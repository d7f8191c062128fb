// Concern: whatever an endpoint sends in place of acknowledgements, reading it in pieces tells the
// same as reading it whole.
#include "plugin/http/ack_reader.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace plotbridge;
using http::AckReader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  AckReader whole, pieces;
  const bool good = whole.read(bytes);
  bool still_good = true;
  for (std::size_t i = 0; i < size && still_good; ++i) still_good = pieces.read(bytes.substr(i, 1));
  must_hold(good == still_good, "cutting changes nothing");
  must_hold(whole.next() == pieces.next() && whole.status() == pieces.status() &&
                whole.close() == pieces.close(),
            "the same is told");
  return 0;
}
