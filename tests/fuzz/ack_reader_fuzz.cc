// Concern: whatever an endpoint sends in place of acknowledgements, reading it in pieces tells the
// same as reading it whole, and what it tells are ranges.
#include "plugin/base/range_text.h"
#include "plugin/http/ack_reader.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

using namespace plotbridge;
using http::AckReader;

namespace {

using Ranges = std::vector<OffsetRange>;

AckReader::OnHave noting(std::vector<Ranges>& lines) {
  return [&lines](std::span<const OffsetRange> ranges) {
    lines.emplace_back(ranges.begin(), ranges.end());
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  AckReader whole, pieces;
  std::vector<Ranges> of_whole, of_pieces;
  const bool good = whole.read(bytes, noting(of_whole));
  bool still_good = true;
  for (std::size_t i = 0; i < size && still_good; ++i) {
    still_good = pieces.read(bytes.substr(i, 1), noting(of_pieces));
  }
  must_hold(good == still_good, "cutting changes nothing");
  must_hold(of_whole == of_pieces && whole.status() == pieces.status() &&
                whole.close() == pieces.close() && whole.bad_line() == pieces.bad_line(),
            "the same is told");
  for (const Ranges& ranges : of_whole) {
    RangeSet set;
    for (const OffsetRange& range : ranges) {
      must_hold(range.from < range.to && range.to <= kOffsetsEnd, "a range is one of offsets");
      set.add(range);
    }
    must_hold(set.ranges() == ranges, "ranges are ascending and apart");
    must_hold(read_ranges(to_text(ranges), ranges.size()) == ranges, "they are read as written");
  }
  return 0;
}
