// Concern: a streaming body gives the same lines and the same end however it was cut up on its way,
// and what is made of them lies within what came. The first byte chooses chunked or not, the second
// where the cuts are.
#include "plugin/endpoint/chunked_decoder.h"
#include "plugin/endpoint/line_framer.h"
#include "plugin/endpoint/line_parser.h"

#include "tests/fuzz/must_hold.h"
#include "tests/fuzz/slices.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace plotbridge;

namespace {

// Reads a body as Upload does, without an endpoint behind it.
class Body {
 public:
  explicit Body(bool chunked) : chunked_(chunked) {}

  void take(std::string_view bytes) {
    if (!chunked_) return take_text(bytes);
    while (!bytes.empty() && end_.empty()) {
      const auto step = decoder_.next(bytes);
      must_hold(step.used > 0 && step.used <= bytes.size(), "a step goes on, within the input");
      must_hold(lies_within(step.slice, bytes), "a slice lies within the input");
      bytes.remove_prefix(step.used);
      take_text(step.slice);
      if (step.answer == endpoint::ChunkedDecoder::Answer::kBad) end_ += "bad chunk";
      if (step.answer == endpoint::ChunkedDecoder::Answer::kDone) finish();
    }
  }
  void finish() {
    std::string_view line;
    if (end_.empty() && framer_.last(line)) take_line(line);
    if (end_.empty()) end_ = "done";
  }

  const std::vector<std::string>& lines() const { return lines_; }
  const std::string& end() const { return end_; }

 private:
  void take_text(std::string_view text) {
    std::string_view line;
    while (end_.empty() && framer_.next(text, line)) take_line(line);
    if (framer_.too_long()) end_ = "too long";
  }
  void take_line(std::string_view line) {
    must_hold(line.find('\n') == std::string_view::npos, "a line is one line");
    lines_.emplace_back(line);
    const auto* const update = parser_.parse(line);
    if (update == nullptr) {
      end_ = "bad line";
      return;
    }
    for (const auto* entries :
         {&update->point, &update->columns, &update->style, &update->layout}) {
      must_hold(entries->size() <= endpoint::LineUpdate::kMaxEntries, "entries are bounded");
      for (const auto& entry : *entries) {
        must_hold(lies_within(entry.json, line), "a value lies within its line");
      }
    }
    must_hold(lies_within(update->token, line), "a token lies within its line");
  }

  bool chunked_;
  endpoint::ChunkedDecoder decoder_;
  endpoint::LineFramer framer_;
  endpoint::LineParser parser_;
  std::vector<std::string> lines_;
  std::string end_;  // empty: it goes on
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool chunked = data[0] % 2 == 1;
  const std::size_t most = data[1] % 16 + std::size_t{1};
  const std::string_view wire(reinterpret_cast<const char*>(data) + 2, size - 2);
  Body whole(chunked);
  whole.take(wire);
  Body cut_up(chunked);
  std::size_t length = most;
  for (std::size_t at = 0; at < wire.size(); at += length) {
    length = length * 7 % most + 1;
    // In memory of its own, so that a look beyond its end is seen.
    const std::vector<char> piece(
        wire.begin() + static_cast<std::ptrdiff_t>(at),
        wire.begin() + static_cast<std::ptrdiff_t>(std::min(at + length, wire.size())));
    cut_up.take({piece.data(), piece.size()});
  }
  if (!chunked) {
    whole.finish();
    cut_up.finish();
  }
  must_hold(whole.lines() == cut_up.lines(), "the same lines whole and cut up");
  must_hold(whole.end() == cut_up.end(), "the same end whole and cut up");
  return 0;
}
