#include "plugin/disk/record_scan.h"

#include <algorithm>

namespace plotbridge::disk {

/// Where the next mark is, or where it may begin in the next window.
std::size_t RecordScan::skip_damage(std::string_view window, std::size_t at, bool is_last) {
  if (!in_damage_) ++damaged_;
  in_damage_ = true;
  const std::size_t next = window.find(kRecordMark, at);
  if (next != std::string_view::npos) return next;
  const std::size_t kept = is_last ? 0 : kRecordMark.size() - 1;
  return std::max(at, window.size() - kept);
}

void RecordScan::look(std::string_view window, const Found& found) {
  wanted_ = kLeast;
  window = window.substr(0, end_ - position_);
  const bool is_last = position_ + window.size() == end_;
  std::size_t at = 0;
  while (at < window.size()) {
    const std::string_view rest = window.substr(at);
    if (!is_last && rest.size() < kRecordHeadBytes) break;
    if (rest.size() < kRecordHeadBytes || !rest.starts_with(kRecordMark)) {
      at = skip_damage(window, at + 1, is_last);
      continue;
    }
    // No payload holds a mark. Looking for one before the checksum is what keeps a file that is
    // full of marks from being read again for each of them.
    const std::size_t size = record_bytes(rest);
    const bool possible =
        size <= end_ - position_ - at &&
        rest.substr(kRecordHeadBytes, size - kRecordHeadBytes).find(kRecordMark) ==
            std::string_view::npos;
    if (possible && size > rest.size()) {
      wanted_ = size;
      break;
    }
    const auto record = possible ? parse_record(rest) : std::nullopt;
    if (!record) {
      at = skip_damage(window, at + 1, is_last);
      continue;
    }
    in_damage_ = false;
    found(*record, position_ + at);
    at += size;
  }
  position_ += at;
}

}  // namespace plotbridge::disk
