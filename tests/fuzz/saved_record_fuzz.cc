// Concern: whatever stands in a state file is left out or read, and what was read is written down
// so that it can be read again. The first byte chooses a record, a batch of lines or a position.
#include "plugin/base/range_text.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/file_record.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/line_batch.h"

#include "tests/fuzz/must_hold.h"
#include "tests/fuzz/slices.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

using namespace plotbridge;

namespace {

void record_must_survive(std::string_view record) {
  if (!endpoint::read_record(record)) return;
  endpoint::Options options;
  options.saved.emplace();
  options.saved->files.push_back({1, 0, std::string(record)});
  endpoint::Endpoint endpoint(std::move(options));
  for (bool more = true; more;) {
    const auto changes = endpoint.take_changes();
    for (const auto& file : changes.files) {
      const auto again = endpoint::read_record(file.record);
      must_hold(again.has_value(), "a record is read again");
    }
    more = !changes.whole;
  }
  must_hold(endpoint::is_json(endpoint.read_plots()->read_all({})), "the list of plots is JSON");
}

void lines_must_lie_within(std::string_view batch) {
  endpoint::for_each_line(batch, [batch](std::string_view token, std::string_view line) {
    must_hold(lies_within(token, batch), "a token lies within its batch");
    must_hold(lies_within(line, batch), "a line lies within its batch");
  });
  // And what is written is read.
  const std::string_view token = batch.substr(0, batch.size() / 2);
  const std::string_view lines = batch.substr(batch.size() / 2);
  std::string written;
  endpoint::append_lines(token, lines, written);
  std::string read;
  const bool whole = endpoint::for_each_line(written, [&](std::string_view who, auto line) {
    must_hold(who == token, "a token is read as it was written");
    read += line;
    read += '\n';
  });
  must_hold(whole, "what was written is whole");
  std::string expected(lines);
  if (!lines.empty() && !lines.ends_with('\n')) expected += '\n';
  must_hold(read == expected, "lines are read as they were written");
}

void position_must_be_read_or_go(std::string_view have) {
  endpoint::Options options;
  options.saved.emplace();
  options.saved->positions.push_back({{"token", "producer"}, 1, std::string(have)});
  endpoint::Endpoint endpoint(std::move(options));
  const auto ranges = read_ranges(have, endpoint::kMostSavedRanges);
  const auto kept = endpoint.standing("token", "producer").have;
  must_hold(endpoint.positions().size() == (ranges ? 1 : 0), "what is damaged is left out");
  if (!ranges) return;
  must_hold(std::ranges::equal(kept, *ranges), "a position is read as it was written");
  must_hold(to_text(kept) == have, "it is written as it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 3) {
    position_must_be_read_or_go(text);
  } else if (data[0] % 2 == 1) {
    lines_must_lie_within(text);
  } else {
    record_must_survive(text);
  }
  return 0;
}
