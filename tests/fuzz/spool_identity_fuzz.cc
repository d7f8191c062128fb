// Concern: whatever stands in the spool's identity file, it is looked at within bounds, and what is
// taken from it can go into a request's head and into sums of times.
#include "plugin/base/crc32c.h"
#include "plugin/disk/spool_identity.h"

#include "tests/fuzz/must_hold.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

using namespace plotbridge;
using namespace plotbridge::disk;

namespace {

void check(std::string_view text) {
  const auto kept = parse_identity(text);
  if (!kept || !kept->identity) return;
  const SpoolIdentity& identity = *kept->identity;
  must_hold(identity.producer.size() == 36, "a UUID");
  must_hold(identity.producer.find_first_not_of("0123456789abcdef-") == std::string::npos,
            "nothing that ends a header");
  const auto now = std::chrono::milliseconds(1'795'000'000'000);
  must_hold(now - identity.clock_behind + identity.clock_behind == now, "times fit");
  const auto again = parse_identity(to_text(identity));
  must_hold(again && again->identity, "what is written can be read");
  must_hold(again->identity->producer == identity.producer, "the same producer");
  must_hold(again->identity->epoch == identity.epoch, "the same epoch");
  must_hold(again->identity->clock_behind == identity.clock_behind, "the same clock");
  must_hold(again->identity->endpoint_acknowledges == identity.endpoint_acknowledges,
            "the same of the endpoint");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  check(text);
  // What the checksum alone would keep out.
  char line[32];
  std::snprintf(line, sizeof line, "crc32c %08x\n", crc32c(text));
  check(text + line);
  return 0;
}
