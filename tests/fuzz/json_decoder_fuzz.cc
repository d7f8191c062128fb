// Concern: any payload gives either an error inside the payload or one line of strict JSON.
#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"
#include "plugin/decode/json_decoder.h"
#include "plugin/encode/line_encoder.h"

#include "tests/fuzz/must_hold.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace plotbridge;

namespace {

std::vector<FieldPath> some_fields() {
  std::vector<FieldPath> fields{FieldPath{}};
  for (const std::string_view path : {"a", "a.b", "a[0]", "a[1].b", "[0]", "[1].a", "b"}) {
    fields.push_back(FieldPath::parse(path).value());
  }
  return fields;
}

bool is_one_document(std::string_view text) {
  JsonScanner scanner(text);
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto decoder = std::make_unique<decode::JsonDecoder>(some_fields());
  static const encode::LineEncoder encoder({"v", "a", "a.b", "c", "d", "e", "f", "g"},
                                           TimeFormat::kPlotly);
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  std::string line;
  const auto decoded = decoder->decode(
      payload, [&line](std::span<const Value> slots) { encoder.encode(slots, line); });
  if (!decoded) {
    must_hold(line.empty(), "an error takes no sample");
    must_hold(decoded.error().offset <= size, "an error is inside the payload");
    return 0;
  }
  must_hold(is_valid_utf8(line), "a line is UTF-8");
  must_hold(std::ranges::count(line, '\n') == 1 && line.back() == '\n', "a line has one newline");
  // The values of a payload may be 64 levels deep, and the line is one more.
  JsonScanner scanner(payload);
  std::size_t depth = 0;
  while (scanner.next() < JsonToken::kEnd) depth = std::max(depth, scanner.depth());
  must_hold(depth + 2 > JsonScanner::kMaxDepth || is_one_document(line), "a line is JSON");
  return 0;
}
