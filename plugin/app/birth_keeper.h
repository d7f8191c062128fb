// Takes Sparkplug births from the pipeline's thread to the disk by one that may wait for it. At
// most 2 MiB wait: of a topic whose birth has no room the file is removed, because names that are
// asked for again are better than old ones. Not responsible for: files (disk/birth_store). `put`
// may be called from any thread, the rest from one at a time.
#pragma once

#include "plugin/base/log.h"
#include "plugin/disk/birth_store.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {

class BirthKeeper {
 public:
  static constexpr std::size_t kMaxWaitingBytes = std::size_t{2} << 20;
  static constexpr std::size_t kEntryBytes = 128;  // of one that waits, beside its texts

  /// `nudge` is called when `write` has something to do.
  BirthKeeper(const std::string& directory, std::function<void()> nudge)
      : store_(directory), nudge_(std::move(nudge)) {}

  /// Of one topic the last counts.
  void put(std::string_view topic, std::string_view payload) {
    if (!disk::BirthStore::may_keep(topic)) return;
    {
      const std::lock_guard lock(mutex_);
      if (const auto before = waiting_.find(topic); before != waiting_.end()) {
        waiting_bytes_ -= bytes_of(before->first, before->second);
        waiting_.erase(before);
      }
      Birth birth;
      if (payload.size() <= disk::BirthStore::kMaxBytes) birth = payload;
      if (waiting_bytes_ + bytes_of(topic, birth) > kMaxWaitingBytes) birth.reset(), ++dropped_;
      const std::size_t bytes = bytes_of(topic, birth);
      if (waiting_bytes_ + bytes <= kMaxWaitingBytes) {
        waiting_bytes_ += bytes;
        waiting_.emplace(topic, std::move(birth));
      }
    }
    nudge_();
  }

  void write() {
    Births births;
    std::uint64_t dropped = 0;
    {
      const std::lock_guard lock(mutex_);
      births.swap(waiting_);
      waiting_bytes_ = 0;
      dropped = std::exchange(dropped_, 0);
    }
    if (dropped > 0) {
      log::warning("sparkplug births are not kept",
                   {{"births", dropped}, {"why", "they come faster than the disk takes them"}});
    }
    for (const auto& [topic, payload] : births) {
      if (!payload) {
        store_.remove(topic);
        continue;
      }
      const auto saved = store_.save(topic, *payload);
      if (std::exchange(failed_, !saved) || saved) continue;
      log::warning("sparkplug births are not kept",
                   {{"why", saved.error().message},
                    {"do",
                     "make spool.directory writable; until then names are asked for again "
                     "after a restart"}});
    }
  }

  /// Calls `take(topic, payload)` for each birth of an earlier run, the oldest first.
  void load(const disk::BirthStore::Take& take) { store_.load(take); }

  std::size_t waiting_bytes() {
    const std::lock_guard lock(mutex_);
    return waiting_bytes_;
  }

 private:
  using Birth = std::optional<std::string>;  // nothing: the one of before is to go
  using Births = std::map<std::string, Birth, std::less<>>;
  static std::size_t bytes_of(std::string_view topic, const Birth& birth) {
    return kEntryBytes + topic.size() + (birth ? birth->size() : 0);
  }

  disk::BirthStore store_;
  std::function<void()> nudge_;
  std::mutex mutex_;
  Births waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  bool failed_ = false;
};

}  // namespace plotbridge::app
