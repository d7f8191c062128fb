#include "plugin/http/ack_reader.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/range_text.h"
#include "plugin/base/scratch.h"
#include "plugin/base/utf8.h"
#include "plugin/http/answer_head.h"

#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

namespace plotbridge::http {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

// What stands behind the `[` of the ranges, up to its `]`.
bool read_ranges_of(JsonScanner& json, std::vector<OffsetRange>& ranges) {
  for (JsonToken token = json.next(); token != JsonToken::kArrayEnd; token = json.next()) {
    if (token != JsonToken::kArrayBegin) return false;
    OffsetRange range;
    for (std::uint64_t* const bound : {&range.from, &range.to}) {
      if (json.next() != JsonToken::kNumber) return false;
      const auto number = whole_number(json.raw());
      if (!number) return false;
      *bound = *number;
    }
    if (json.next() != JsonToken::kArrayEnd || !may_follow(ranges, range)) return false;
    ranges.push_back(range);
  }
  return true;
}

}  // namespace

struct AckReader::Line {
  std::optional<std::vector<OffsetRange>> have;
  std::optional<std::uint64_t> status, seq;
  std::optional<std::string> close;

  // The value of a member of the line itself. False: it is not what it must be.
  bool take(std::string_view key, JsonToken token, JsonScanner& json) {
    if (key == "have" && token == JsonToken::kArrayBegin) {
      return read_ranges_of(json, have.emplace());
    }
    if (key == "status" && token == JsonToken::kNumber) status = whole_number(json.raw());
    if (key == "seq" && token == JsonToken::kNumber) seq = whole_number(json.raw());
    if (key == "close" && token == JsonToken::kString) {
      close = whole_characters(json.raw(), kMostCloseWordBytes);
    }
    return true;
  }
  bool is_good() const {
    return have && (!close || (status && *status >= 100 && *status <= 999)) &&
           (!seq || *seq <= kOffsetsEnd);
  }
};

bool AckReader::read(std::string_view bytes, const OnHave& on_have) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMostLineBytes) return false;
    partial_ += piece;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (!partial_.empty() && !read_line(partial_, on_have)) return false;
    // A long line must not leave its memory with each of thousands of streams.
    if (partial_.capacity() > 512) free_memory(partial_);
    partial_.clear();
  }
  return true;
}

bool AckReader::read_line(std::string_view text, const OnHave& on_have) {
  if (ended()) return false;
  JsonScanner json(text);
  Line line;
  std::string_view key;
  if (json.next() != JsonToken::kObjectBegin) return false;
  for (JsonToken token = json.next(); token != JsonToken::kEnd; token = json.next()) {
    if (token == JsonToken::kError) return false;
    // What lies deeper is of what we do not know.
    const bool opens = token == JsonToken::kArrayBegin || token == JsonToken::kObjectBegin;
    if (json.depth() > (opens ? 2U : 1U)) continue;
    if (token == JsonToken::kKey) {
      key = json.raw();
    } else if (!line.take(key, token, json)) {
      return false;
    }
  }
  if (!line.is_good()) return false;
  if (line.close) {
    status_ = static_cast<int>(*line.status);
    close_ = *std::move(line.close);
    bad_line_ = line.seq;
  }
  on_have(*line.have);
  return true;
}

}  // namespace plotbridge::http
