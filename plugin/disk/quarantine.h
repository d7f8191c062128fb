// The lines that an endpoint refused, in a file that a person can read: one JSON object a line. It
// is bounded: a full file becomes quarantine.old.jsonl in the place of the one before. Leaves to
// others: which line is refused and why. Blocking, for rare lines; one thread at a time.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::disk {

class Quarantine {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of one of the two files

  /// In `directory`, which is made when it is needed first.
  explicit Quarantine(std::string directory, std::size_t most_bytes = kMostBytes);

  /// Appends {"at":...,"stream":...,"why":...,"line":...}, the line as it would have been sent.
  Result<void> add(std::string_view stream, std::string_view why, std::string_view line,
                   WallTime at);

  std::string path() const { return directory_ + "/quarantine.jsonl"; }

 private:
  std::string directory_;
  std::size_t most_bytes_;
};

}  // namespace plotbridge::disk
