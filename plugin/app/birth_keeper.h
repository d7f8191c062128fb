// Takes Sparkplug births from the pipeline's thread to the disk by one that may wait for it. At
// most 2 MiB wait or are being written: of a topic whose last birth cannot be kept the file is
// removed, because names that are asked for again are better than old ones. Such topics are marked
// by their hashes in tables of 64 KiB, in which two may share a mark: then a file goes that might
// have stayed. Not responsible for: files (disk/birth_store). `put`, `remove` and `waiting_bytes`
// may be called from any thread, the rest from one at a time.
#pragma once

#include "plugin/base/log.h"
#include "plugin/disk/birth_store.h"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {

class BirthKeeper {
 public:
  static constexpr std::size_t kMaxWaitingBytes = std::size_t{2} << 20;
  static constexpr std::size_t kMarks = std::size_t{1} << 19;
  static constexpr std::size_t kEntryBytes = 128;  // of one that waits, beside its texts

  /// `nudge` is called when `write` has something to do.
  BirthKeeper(const std::string& directory, std::function<void()> nudge)
      : store_(directory), nudge_(std::move(nudge)) {}

  /// Of one topic the last counts.
  void put(std::string_view topic, std::string_view payload) {
    if (!disk::BirthStore::may_keep(topic)) return;
    {
      const std::lock_guard lock(mutex_);
      drop(topic);
      if (!wait(topic, payload)) {
        mark(marked_, topic);
        ++dropped_;
      }
    }
    nudge_();
  }

  /// The last one is not known. Throws nothing.
  void remove(std::string_view topic) {
    if (!disk::BirthStore::may_keep(topic)) return;
    {
      const std::lock_guard lock(mutex_);
      drop(topic);
      mark(marked_, topic);
    }
    nudge_();
  }

  void write() {
    Births births;
    std::uint64_t dropped = 0;
    {
      const std::lock_guard lock(mutex_);
      births.swap(waiting_);
      writing_bytes_ = std::exchange(waiting_bytes_, 0);
      dropped = std::exchange(dropped_, 0);
      removing_ |= marked_;
      marked_.reset();
    }
    // Marks of what cannot be removed now hold until the next time.
    if (removing_.any() && remove_marked()) removing_.reset();
    if (dropped > 0) {
      log::warning(
          "sparkplug births are not kept",
          {{"births", dropped},
           {"why", "they are larger than 1 MiB, or come faster than the disk takes them"}});
    }
    while (!births.empty()) {
      const auto birth = births.extract(births.begin());
      const auto saved = save(birth.key(), birth.mapped());
      {
        const std::lock_guard lock(mutex_);
        writing_bytes_ -= bytes_of(birth.key(), birth.mapped());
      }
      if (!saved) mark(removing_, birth.key());
      if (std::exchange(failed_, !saved) || saved) continue;
      log::warning("sparkplug births are not kept",
                   {{"why", saved.error().message},
                    {"hint", "until they are, names are asked for again after a restart"}});
    }
  }

  /// Calls `take(topic, payload)` for each birth of an earlier run, the oldest first.
  void load(const disk::BirthStore::Take& take) { store_.load(take); }

  /// Of those that wait or are being written.
  std::size_t waiting_bytes() {
    const std::lock_guard lock(mutex_);
    return writing_bytes_ + waiting_bytes_;
  }

 private:
  using Births = std::map<std::string, std::string, std::less<>>;
  using Marks = std::bitset<kMarks>;  // of hashes
  static std::size_t bytes_of(std::string_view topic, std::string_view birth) {
    return kEntryBytes + topic.size() + birth.size();
  }

  static void mark(Marks& marks, std::string_view topic) {
    marks.set(disk::BirthStore::hash_of(topic) % kMarks);
  }

  void drop(std::string_view topic) {
    const auto before = waiting_.find(topic);
    if (before == waiting_.end()) return;
    waiting_bytes_ -= bytes_of(before->first, before->second);
    waiting_.erase(before);
  }

  // False: there is no room.
  bool wait(std::string_view topic, std::string_view payload) {
    const std::size_t bytes = bytes_of(topic, payload);
    if (payload.size() > disk::BirthStore::kMaxBytes ||
        writing_bytes_ + waiting_bytes_ + bytes > kMaxWaitingBytes) {
      return false;
    }
    try {
      waiting_.emplace(topic, payload);
    } catch (const std::bad_alloc&) {
      return false;
    }
    waiting_bytes_ += bytes;
    return true;
  }

  bool remove_marked() {
    try {
      return store_.remove_if([&](std::uint64_t hash) { return removing_[hash % kMarks]; });
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  // Want of memory costs one birth.
  Result<void> save(std::string_view topic, std::string_view payload) {
    try {
      return store_.save(topic, payload);
    } catch (const std::bad_alloc&) {
      return fail(ErrorKind::kUnavailable, "there is no memory to write one");
    }
  }

  disk::BirthStore store_;
  std::function<void()> nudge_;
  std::mutex mutex_;
  Births waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t writing_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  Marks marked_;    // files that go before what waits is written
  Marks removing_;  // of the thread that writes
  bool failed_ = false;
};

}  // namespace plotbridge::app
