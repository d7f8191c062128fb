#include "plugin/http/ack_reader.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"
#include "plugin/http/answer_head.h"

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace plotbridge::http {
namespace {

std::optional<std::uint64_t> whole_number(std::string_view digits) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

bool AckReader::read(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (partial_.size() + piece.size() > kMostLineBytes) return false;
    partial_ += piece;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (!partial_.empty() && !read_line(partial_)) return false;
    partial_.clear();
  }
  return true;
}

bool AckReader::read_line(std::string_view line) {
  if (ended()) return false;
  JsonScanner json(line);
  std::optional<std::uint64_t> next, status;
  std::optional<std::string> close;
  std::string_view key;
  if (json.next() != JsonToken::kObjectBegin) return false;
  for (JsonToken token = json.next(); token != JsonToken::kEnd; token = json.next()) {
    if (token == JsonToken::kError) return false;
    if (json.depth() > 1) continue;  // of what we do not know
    if (token == JsonToken::kKey) key = json.raw();
    if (token == JsonToken::kNumber && key == "next") next = whole_number(json.raw());
    if (token == JsonToken::kNumber && key == "status") status = whole_number(json.raw());
    if (token == JsonToken::kString && key == "close")
      close = whole_characters(json.raw(), kMostCloseWordBytes);
  }
  if (!next) return false;
  next_ = next;
  if (!close) return true;
  if (!status || *status < 100 || *status > 999) return false;
  status_ = static_cast<int>(*status);
  close_ = *std::move(close);
  return true;
}

}  // namespace plotbridge::http
