// Concern: whatever stands where a payload has its time is a time within the years that there are,
// or none; and one that was read is written as a JSON value that is read as the same again, to the
// millisecond. The first byte chooses the unit and how it is written.
#include "plugin/encode/time_text.h"
#include "plugin/shape/time_reader.h"

#include "tests/fuzz/must_hold.h"
#include "tests/fuzz/strict_lines.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

namespace {

constexpr std::array kUnits{TimeUnit::kUnixS, TimeUnit::kUnixMs, TimeUnit::kUnixUs,
                            TimeUnit::kUnixNs, TimeUnit::kIso8601};

constexpr std::array kFormats{TimeFormat::kPlotly, TimeFormat::kIso8601, TimeFormat::kUnixMs};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto time = shape::read_time(text, kUnits[data[0] % kUnits.size()]);
  if (!time) return 0;
  const TimeFormat format = kFormats[data[0] / 16 % kFormats.size()];
  std::string written;
  encode::append_time(*time, format, written);
  must_hold(is_one_document(written), "a time is a JSON value");
  must_hold(written.size() <= 40, "a time is short");
  const bool number = format == TimeFormat::kUnixMs;
  const std::string_view bare =
      number ? std::string_view(written) : std::string_view(written).substr(1, written.size() - 2);
  const auto again = shape::read_time(bare, number ? TimeUnit::kUnixMs : TimeUnit::kIso8601);
  must_hold(again.has_value(), "what is written is read again");
  const auto difference = *time - *again;
  must_hold(std::chrono::abs(difference) < std::chrono::milliseconds(1), "as the same time");
  return 0;
}
