// What must hold of every decoder and payload: an error takes no sample and lies inside the
// payload, and whatever is taken becomes a bounded number of bounded lines of strict JSON.
#pragma once

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"
#include "plugin/decode/decoder.h"
#include "plugin/encode/line_encoder.h"
#include "plugin/model/decode_spec.h"

#include "tests/fuzz/must_hold.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge {

inline bool is_one_document(std::string_view text) {
  JsonScanner scanner(text);
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) return false;
  }
}

/// `width` is the number of the decoder's slots.
inline void lines_must_be_strict(decode::Decoder& decoder, std::size_t width,
                                 std::string_view payload) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < width; ++i) keys.push_back("k" + std::to_string(i));
  const encode::LineEncoder encoder(keys, TimeFormat::kPlotly);
  std::size_t samples = 0;
  std::string line;
  const auto decoded = decoder.decode(payload, [&](std::span<const Value> slots) {
    ++samples;
    line.clear();
    if (encoder.encode(slots, line).bytes.empty()) return;  // it would be too long
    must_hold(line.size() <= kMaxLineBytes, "a line is bounded");
    must_hold(is_valid_utf8(line), "a line is UTF-8");
    must_hold(std::ranges::count(line, '\n') == 1 && line.back() == '\n',
              "one newline, at its end");
    must_hold(is_one_document(line), "a line is JSON");
  });
  must_hold(samples <= kDefaultMaxPoints, "the points of a message are bounded");
  if (decoded) return;
  must_hold(samples == 0, "an error takes no sample");
  must_hold(decoded.error().offset <= payload.size(), "an error is inside the payload");
  must_hold(!decoded.error().kind.empty() && !decoded.error().message.empty(), "an error says why");
  must_hold(decoded.error().message.size() < 400, "an error text is short");
}

}  // namespace plotbridge
