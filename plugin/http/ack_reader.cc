#include "plugin/http/ack_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace plotbridge::http {
namespace {

constexpr std::size_t kMostWordBytes = 32;

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
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || ended()) return false;
  const auto next = json.find("next");
  if (next == json.end() || !next->is_number_unsigned()) return false;
  next_ = next->get<std::uint64_t>();
  const auto close = json.find("close");
  if (close == json.end()) return true;
  const auto status = json.find("status");
  if (!close->is_string() || status == json.end() || !status->is_number_unsigned()) return false;
  const auto code = status->get<std::uint64_t>();
  if (code < 100 || code > 999) return false;
  status_ = static_cast<int>(code);
  close_ = close->get<std::string>().substr(0, kMostWordBytes);
  return true;
}

}  // namespace plotbridge::http
