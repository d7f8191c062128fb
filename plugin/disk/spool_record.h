// What stands in a file of the spool, byte for byte (docs/spool.md): the head of a segment and its
// records. Not responsible for: files, and what records mean to each other. Pure; any thread.
#pragma once

#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::disk {

inline constexpr std::uint32_t kSpoolVersion = 2;
inline constexpr std::size_t kSegmentHeadBytes = 32;
inline constexpr std::size_t kRecordHeadBytes = 36;
inline constexpr std::size_t kMostPayload = (std::size_t{1} << 24) - 1;
/// Begins each record. No line has a byte of it: they are UTF-8.
inline constexpr std::string_view kRecordMark = "\xff\xfe\xfd\xfc";

enum class RecordType : std::uint8_t {
  kLine = 1,      // with the offset `id`; the newest of an offset counts
  kResolved = 2,  // offsets from `id` to before `value`; none: those before `value` were given
};

struct SpoolRecord {
  RecordType type = RecordType::kLine;
  std::uint64_t stream_key = 0;
  std::uint64_t id = 0;
  std::uint64_t value = 0;   // of a line: when it was received, by the spool's clock
  std::string_view payload;  // the line
};

/// Of a stream's name; never of its token.
std::uint64_t stream_key(std::string_view name);

void append_record(const SpoolRecord& record, std::string& out);

/// How many bytes the record at the start of `bytes` says that it has; there must be a head.
std::size_t record_bytes(std::string_view bytes);
/// The record at the start of `bytes`; nothing if it is not whole and right.
std::optional<SpoolRecord> parse_record(std::string_view bytes);

struct SegmentHead {
  std::uint32_t version = kSpoolVersion;
  std::uint64_t number = 0;
  std::uint64_t created = 0;  // ms since 1970
};

void append_segment_head(const SegmentHead& head, std::string& out);
/// Nothing if it is not whole and right; of any version.
std::optional<SegmentHead> parse_segment_head(std::string_view bytes);

/// Milliseconds since 1970, as they are kept; what lies outside of the calendar is brought into it.
std::uint64_t to_milliseconds(WallTime time);
WallTime to_wall_time(std::uint64_t milliseconds);

}  // namespace plotbridge::disk
