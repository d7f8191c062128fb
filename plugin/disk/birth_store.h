// The last birth of each Sparkplug edge node and device, one file each, so that the names of their
// metrics are known right after a restart. Leaves to others: what a birth says. Blocking, for rare
// messages; one thread at a time.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::disk {

class BirthStore {
 public:
  /// What is kept; more births, and larger ones, are not.
  static constexpr std::size_t kMostBirths = 10'000;
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of one

  /// In `directory`/births, which is made when it is needed first.
  explicit BirthStore(const std::string& directory) : directory_(directory + "/births") {}

  /// Replaces the one of the same topic, as a whole or not at all.
  Result<void> save(std::string_view topic, std::string_view payload);
  /// The topic and payload of each; files that are none are left alone.
  std::vector<std::pair<std::string, std::string>> load();

 private:
  std::string directory_;
  std::size_t births_ = 0;  // files, as far as known
};

}  // namespace plotbridge::disk
