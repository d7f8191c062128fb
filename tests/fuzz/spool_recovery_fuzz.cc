// Concern: whatever stands in a segment, it is looked at within bounds, in time that grows with its
// size, and the same is found however it is cut into blocks; what is written behind it is found.
// What the table makes of the records is what docs/spool.md says that they mean.
#include "plugin/disk/record_scan.h"
#include "plugin/disk/spool_table.h"

#include "tests/fuzz/must_hold.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace plotbridge;
using namespace plotbridge::disk;

namespace {

struct Record {
  std::uint64_t position = 0;
  SpoolRecord record;  // without the payload
  std::string payload;

  bool operator==(const Record& other) const {
    return position == other.position && record.type == other.record.type &&
           record.stream_key == other.record.stream_key && record.id == other.record.id &&
           record.value == other.record.value && payload == other.payload;
  }
};
using Seen = std::vector<Record>;

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
    scan.look(window, [&](const SpoolRecord& record, std::uint64_t position) {
      must_hold(record.payload.find(kRecordMark) == std::string_view::npos, "no mark in a line");
      Record& seen = found.seen.emplace_back(Record{position, record, std::string(record.payload)});
      seen.record.payload = {};
      if (table != nullptr) table->apply(record, 1);
    });
    must_hold(scan.position() > before || scan.wanted() > window.size(), "it goes on");
  }
  must_hold(scan.position() == input.size(), "it looks at all of it");
  if (block > 4096) must_hold(shown <= 4 * input.size() + block, "it is linear");
  found.damaged = scan.damaged();
  return found;
}

constexpr std::uint64_t kNoSuchOffset = std::uint64_t{1} << 63;

/// The offsets of the stream's lines that are wanted, and which is the next one.
std::pair<std::set<std::uint64_t>, std::uint64_t> meaning(const Seen& all, std::uint64_t key) {
  std::set<std::uint64_t> lines;
  std::uint64_t end = 0;
  for (const Record& one : all) {
    const std::uint64_t offset = one.record.id;
    if (one.record.stream_key != key || one.record.type != RecordType::kLine) continue;
    if (offset >= kNoSuchOffset) continue;
    lines.insert(offset);
    end = std::max(end, offset + 1);
  }
  for (const Record& one : all) {
    const auto& [type, of, from, to, payload] = one.record;
    if (of != key || type != RecordType::kResolved || !one.payload.empty()) continue;
    if (from < to) lines.erase(lines.lower_bound(from), lines.lower_bound(to));
    end = std::max(end, std::min(to, kNoSuchOffset));
  }
  return {std::move(lines), end};
}

void check_table(SpoolTable& table, const Seen& all) {
  const auto [expected, end] = meaning(all, table.key(0));
  std::set<std::uint64_t> lines;
  std::uint64_t from = 0;
  while (const auto portion = table.portion(0, from)) {
    for (const OffsetRange& offsets : portion->offsets) {
      must_hold(from <= offsets.from && offsets.from < offsets.to, "runs grow");
      must_hold(offsets.size() <= all.size(), "no line comes from nothing");
      for (std::uint64_t one = offsets.from; one < offsets.to; ++one) lines.insert(one);
      from = offsets.to;
    }
  }
  must_hold(lines == expected, "lines are those that were not resolved");
  const queue::Recovered recovered = table.recovered(0);
  must_hold(recovered.end == end, "the end is behind all that was given");
  must_hold(recovered.end - recovered.resolved.size() == lines.size(), "the rest is resolved");
  for (const std::uint64_t line : lines) {
    must_hold(!recovered.resolved.contains(line), "no line is");
  }
  table.before_drop(1);
  std::uint64_t dropped = 0;
  for (const auto& of_stream : table.drop(1)) {
    for (const OffsetRange& offsets : of_stream.offsets) dropped += offsets.size();
  }
  must_hold(dropped == lines.size(), "with its file it is gone");
  must_hold(table.bytes() == 0, "and takes nothing");
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

  check_table(table, whole.seen);

  // A file that ends in the middle of anything does not hide what stands behind it.
  append_record({RecordType::kLine, stream_key("boiler"), 7, 0, "{\"y\":7}\n"}, input);
  const Scanned longer = scan(input, 4096 * 4, nullptr);
  must_hold(!longer.seen.empty() && longer.seen.back().record.id == 7, "the last one is found");
  return 0;
}
