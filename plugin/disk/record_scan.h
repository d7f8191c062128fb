// Finds the records of a segment: one behind the other, and behind a damaged place those that are
// whole and right again. It is shown the file piece by piece, and linear in what it is shown,
// whatever that is. Not responsible for: reading the file (segment_file). One thread at a time.
#pragma once

#include "plugin/disk/spool_record.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace plotbridge::disk {

class RecordScan {
 public:
  using Found = std::function<void(const SpoolRecord&, std::uint64_t position)>;

  RecordScan() = default;
  /// Of a file from `position` to `end`. `in_damage`: what is before is damaged, and counted.
  RecordScan(std::uint64_t position, std::uint64_t end, bool in_damage)
      : position_(position), end_(end), in_damage_(in_damage) {}

  /// What is to be shown next: bytes from here on,
  std::uint64_t position() const { return position_; }
  /// and at least so many, but for the end of the file.
  std::size_t wanted() const { return wanted_; }
  std::uint64_t end() const { return end_; }
  bool done() const { return position_ >= end_; }
  /// The file is longer now, or ends earlier than it was said.
  void set_end(std::uint64_t end) { end_ = end; }

  void look(std::string_view window, const Found& found);

  /// Places where something else than a record stands.
  std::uint64_t damaged() const { return damaged_; }

 private:
  static constexpr std::size_t kLeast = 2 * kRecordHeadBytes;

  std::size_t skip_damage(std::string_view window, std::size_t at, bool is_last);

  std::uint64_t position_ = 0;
  std::uint64_t end_ = 0;
  std::size_t wanted_ = kLeast;
  bool in_damage_ = false;
  std::uint64_t damaged_ = 0;
};

}  // namespace plotbridge::disk
