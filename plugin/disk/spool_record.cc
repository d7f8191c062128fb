#include "plugin/disk/spool_record.h"

#include "plugin/base/crc32c.h"

#include <algorithm>

namespace plotbridge::disk {
namespace {

constexpr std::string_view kSegmentMark = "PBSPOOL\n";
constexpr std::size_t kChecked = 8;  // where in a record begins what its checksum covers

template <class T>
void put(T value, std::string& out) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    out += static_cast<char>((value >> (8 * i)) & 0xff);
  }
}

template <class T>
T at(std::string_view bytes, std::size_t offset) {
  T value = 0;
  for (std::size_t i = sizeof value; i-- > 0;) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[offset + i]));
  }
  return value;
}

}  // namespace

std::uint64_t stream_key(std::string_view name) {
  // FNV-1a, and the last steps of MurmurHash3, because FNV alone leaves names that differ in the
  // last letters close together.
  std::uint64_t hash = 14'695'981'039'346'656'037U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
  hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccdU;
  hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53U;
  return hash ^ (hash >> 33);
}

void append_record(const SpoolRecord& record, std::string& out) {
  const std::size_t start = out.size();
  out += kRecordMark;
  put(std::uint32_t{0}, out);
  put(static_cast<std::uint32_t>(record.payload.size() << 8 |
                                 static_cast<std::size_t>(record.type)),
      out);
  put(record.stream_key, out);
  put(record.id, out);
  put(record.value, out);
  out += record.payload;
  const std::uint32_t crc = crc32c(std::string_view(out).substr(start + kChecked));
  for (std::size_t i = 0; i < sizeof crc; ++i) {
    out[start + kRecordMark.size() + i] = static_cast<char>((crc >> (8 * i)) & 0xff);
  }
}

std::size_t record_bytes(std::string_view bytes) {
  return kRecordHeadBytes + (at<std::uint32_t>(bytes, kChecked) >> 8);
}

std::optional<SpoolRecord> parse_record(std::string_view bytes) {
  if (bytes.size() < kRecordHeadBytes || !bytes.starts_with(kRecordMark)) return std::nullopt;
  const std::size_t size = record_bytes(bytes);
  if (size > bytes.size()) return std::nullopt;
  const std::string_view checked = bytes.substr(kChecked, size - kChecked);
  if (crc32c(checked) != at<std::uint32_t>(bytes, kRecordMark.size())) return std::nullopt;
  return SpoolRecord{static_cast<RecordType>(bytes[kChecked]), at<std::uint64_t>(bytes, 12),
                     at<std::uint64_t>(bytes, 20), at<std::uint64_t>(bytes, 28),
                     bytes.substr(kRecordHeadBytes, size - kRecordHeadBytes)};
}

void append_segment_head(const SegmentHead& head, std::string& out) {
  const std::size_t start = out.size();
  out += kSegmentMark;
  put(head.version, out);
  put(head.number, out);
  put(head.created, out);
  put(crc32c(std::string_view(out).substr(start)), out);
}

std::optional<SegmentHead> parse_segment_head(std::string_view bytes) {
  constexpr std::size_t kCrcAt = kSegmentHeadBytes - sizeof(std::uint32_t);
  if (bytes.size() < kSegmentHeadBytes || !bytes.starts_with(kSegmentMark)) return std::nullopt;
  if (crc32c(bytes.substr(0, kCrcAt)) != at<std::uint32_t>(bytes, kCrcAt)) return std::nullopt;
  return SegmentHead{at<std::uint32_t>(bytes, 8), at<std::uint64_t>(bytes, 12),
                     at<std::uint64_t>(bytes, 20)};
}

std::uint64_t to_milliseconds(WallTime time) {
  const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  return since.count() > 0 ? static_cast<std::uint64_t>(since.count()) : 0;
}

WallTime to_wall_time(std::uint64_t milliseconds) {
  constexpr std::uint64_t kMost = 9'000'000'000'000;  // in the year 2255: as nanoseconds they fit
  return WallTime(std::chrono::milliseconds(std::min(milliseconds, kMost)));
}

}  // namespace plotbridge::disk
