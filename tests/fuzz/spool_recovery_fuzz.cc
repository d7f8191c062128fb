// Concern: whatever stands in a segment, it is looked at within bounds, in time that grows with its
// size, and the same is found however it is cut into blocks; what is written behind it is found.
#include "plugin/disk/record_scan.h"
#include "plugin/disk/spool_table.h"

#include "tests/fuzz/must_hold.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using namespace plotbridge;
using namespace plotbridge::disk;

namespace {

using Seen = std::vector<std::tuple<std::uint64_t, RecordType, std::uint64_t, std::string>>;

struct Scanned {
  Seen seen;
  std::uint64_t damaged = 0;
};

Scanned scan(std::string_view input, std::size_t block, SpoolTable* table) {
  const auto head = parse_segment_head(input);
  RecordScan scan(head ? kSegmentHeadBytes : 0, input.size(), !head);
  Scanned found;
  std::uint64_t shown = 0;
  while (!scan.done()) {
    const auto window = input.substr(scan.position(), std::max(block, scan.wanted()));
    const std::uint64_t before = scan.position();
    shown += window.size();
    scan.look(window, [&](const SpoolRecord& record, std::uint64_t offset) {
      must_hold(record.payload.find(kRecordMark) == std::string_view::npos, "no mark in a line");
      found.seen.emplace_back(offset, record.type, record.id, record.payload);
      if (table != nullptr) table->apply(record, 1);
    });
    must_hold(scan.position() > before || scan.wanted() > window.size(), "it goes on");
  }
  must_hold(scan.position() == input.size(), "it looks at all of it");
  if (block > 4096) must_hold(shown <= 4 * input.size() + block, "it is linear");
  found.damaged = scan.damaged();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> names = {"boiler"};
  SpoolTable table(names);
  table.add_segment(1, input.size());
  const Scanned whole = scan(input, input.size() + 1, &table);
  table.end_recovery();
  const Scanned pieces = scan(input, 64, nullptr);
  must_hold(whole.seen == pieces.seen, "blocks do not matter");
  must_hold(whole.damaged == pieces.damaged, "blocks do not matter for damage");

  std::uint64_t lines = 0;
  std::uint64_t from = 0;
  while (const auto portion = table.portion(0, from)) {
    for (const auto& [first, end] : portion->ids) {
      must_hold(from <= first && first < end, "runs grow");
      lines += end - first;
      from = end;
    }
  }
  const queue::Recovered recovered = table.recovered(0);
  must_hold(lines == recovered.lines, "lines are counted");
  must_hold(lines <= whole.seen.size(), "no line comes from nothing");
  must_hold(recovered.front_id <= recovered.next_id, "ids grow");
  const auto lost = table.drop(1);
  must_hold((lost.empty() ? 0 : lost[0].lines) == lines, "with its file it is gone");
  must_hold(table.bytes() == 0, "and takes nothing");

  // A file that ends in the middle of anything does not hide what stands behind it.
  append_record({RecordType::kLine, stream_key("boiler"), 7, 0, "{\"y\":7}\n"}, input);
  const Scanned longer = scan(input, 4096 * 4, nullptr);
  must_hold(!longer.seen.empty() && std::get<2>(longer.seen.back()) == 7, "the last one is found");
  return 0;
}
