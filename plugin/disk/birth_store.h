// The last birth of each Sparkplug edge node and device, one file each, so that the names of their
// metrics are known right after a restart. Bounded in number and bytes: the one that was saved
// longest ago goes for a new one. Not responsible for: what a birth says. Blocking, for rare
// messages; one thread at a time.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace plotbridge::disk {

class BirthStore {
 public:
  static constexpr std::size_t kMaxTopicBytes = 512;
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  // of one birth
  struct Limits {
    std::size_t births = 10'000;
    std::uint64_t bytes = std::uint64_t{64} << 20;  // of all
  };

  /// In `directory`/births, which is made when it is needed first.
  explicit BirthStore(const std::string& directory) : BirthStore(directory, Limits()) {}
  BirthStore(const std::string& directory, Limits limits)
      : directory_(directory + "/births"), limits_(limits) {}

  static bool may_keep(std::string_view topic) { return topic.size() <= kMaxTopicBytes; }

  /// Replaces the one of the same topic; where it cannot, that one goes all the same, if it can be
  /// removed.
  Result<void> save(std::string_view topic, std::string_view payload);
  /// Those of whose topic `goes` says so by its hash. False: not all could be found or removed.
  bool remove_if(const std::function<bool(std::uint64_t hash)>& goes);
  /// Files are known by it.
  static std::uint64_t hash_of(std::string_view topic);
  /// Calls `take(topic, payload)` for each, the one that was saved longest ago first; files that
  /// are none are left alone.
  using Take = std::function<void(const std::string& topic, const std::string& payload)>;
  void load(const Take& take);

 private:
  struct File {
    std::uint64_t order = 0;  // of saving
    std::uint64_t bytes = 0;
  };
  std::string path_of(std::uint64_t hash) const;
  /// False: the directory could not be read to its end.
  bool scan();
  bool remove(std::uint64_t hash);
  void note(std::uint64_t hash, std::uint64_t bytes);
  void forget(std::uint64_t hash);

  std::string directory_;
  Limits limits_;
  bool scanned_ = false;
  std::map<std::uint64_t, File> files_;           // by hash
  std::map<std::uint64_t, std::uint64_t> order_;  // the hash by its order
  std::uint64_t next_order_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace plotbridge::disk
