// Takes Sparkplug births from the pipeline's thread to the disk by one that may wait for it. Leaves
// to others: files (disk/birth_store). `put` may be called from any thread, the rest from one at a
// time.
#pragma once

#include "plugin/base/log.h"
#include "plugin/disk/birth_store.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {

class BirthKeeper {
 public:
  /// `nudge` is called when `write` has something to do.
  BirthKeeper(const std::string& directory, std::function<void()> nudge)
      : store_(directory), nudge_(std::move(nudge)) {}

  /// Of one topic the last counts; there are no more topics than edge nodes and devices.
  void put(std::string_view topic, std::string_view payload) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < disk::BirthStore::kMostBirths) waiting_[std::string(topic)] = payload;
    }
    nudge_();
  }

  void write() {
    std::map<std::string, std::string> births;
    {
      const std::lock_guard lock(mutex_);
      births.swap(waiting_);
    }
    for (const auto& [topic, payload] : births) {
      const auto saved = store_.save(topic, payload);
      if (std::exchange(failed_, !saved) || saved) continue;
      log::warning("sparkplug births are not kept",
                   {{"why", saved.error().message},
                    {"do",
                     "make spool.directory writable; until then names are asked for again "
                     "after a restart"}});
    }
  }

  /// Calls `take(topic, payload)` for each birth of an earlier run.
  template <class Take>
  void load(Take take) {
    for (const auto& [topic, payload] : store_.load()) take(topic, payload);
  }

 private:
  disk::BirthStore store_;
  std::function<void()> nudge_;
  std::mutex mutex_;
  std::map<std::string, std::string> waiting_;
  bool failed_ = false;
};

}  // namespace plotbridge::app
