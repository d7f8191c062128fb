// Concern: whatever an address answers to `plotbridge status` is a report or refused with a reason;
// and what of it is shown at a terminal is lines of text without control characters.
#include "plugin/app/status_report.h"
#include "plugin/app/status_table.h"
#include "plugin/base/utf8.h"

#include "tests/fuzz/must_hold.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto report = app::parse_status(text);
  if (!report) {
    must_hold(!report.error().message.empty(), "a refusal says why");
    return 0;
  }
  const WallTime now{std::chrono::milliseconds(1'795'452'000'123)};
  const std::string table = app::status_table(*report, now);
  must_hold(!table.empty() && table.back() == '\n', "a table is whole lines");
  must_hold(is_valid_utf8(table), "a table is text");
  for (const char c : table) {
    must_hold(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f),
              "a terminal gets no control characters");
  }
  return 0;
}
