// Which plots and grids were made, replaced and deleted by REST, by whom and from where: counted
// and logged, each until there are too many a second. Not responsible for: changing them (rest_v1,
// rest_v2). Loop thread, but `counts` any.
#pragma once

#include "plugin/base/leaky_bucket.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/grid_book.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace plotbridge::http {

enum class FileChange : std::uint8_t { kMade, kReplaced, kDeleted };
inline constexpr std::size_t kFileChanges = 3;

/// A word for logs and metric labels.
constexpr std::string_view name_of(FileChange change) {
  constexpr std::array<std::string_view, kFileChanges> kNames = {"made", "replaced", "deleted"};
  return kNames[static_cast<std::size_t>(change)];
}

class ChangeLog {
 public:
  /// Lines at once, then so many a second.
  static constexpr int kBurst = 100;
  static constexpr Duration kInterval = std::chrono::milliseconds(100);

  struct Who {
    std::string_view user;
    std::string_view from;  // address and port
  };
  /// `kind`: "plot" or "grid".
  void note(FileChange change, std::string_view kind, endpoint::FileId id, std::string_view name,
            const Who& who, TimePoint now);

  std::array<std::uint64_t, kFileChanges> counts() const;

 private:
  LeakyBucket lines_{kInterval, kBurst};
  std::uint64_t suppressed_ = 0;
  std::array<std::atomic<std::uint64_t>, kFileChanges> counts_{};
};

}  // namespace plotbridge::http
