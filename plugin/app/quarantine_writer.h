// Takes refused lines from the stream loop to the disk by a thread that may wait for it. Lines that
// come while it stalls are kept up to a number of bytes; more are dropped and told. Not responsible
// for: files (disk/quarantine). `put` may be called from any thread, `write` by one.
#pragma once

#include "plugin/app/stream_report.h"
#include "plugin/base/log.h"
#include "plugin/disk/quarantine.h"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace plotbridge::app {

class QuarantineWriter {
 public:
  static constexpr std::size_t kMaxWaiting = std::size_t{4} << 20;  // bytes of lines

  /// `wake` is called when `write` has something to do.
  QuarantineWriter(const std::string& directory, std::function<void()> wake)
      : quarantine_(directory), wake_(std::move(wake)) {}

  void put(const RefusedLine& refused) {
    {
      const std::lock_guard lock(mutex_);
      if (bytes_ + refused.line.size() > kMaxWaiting) {
        log::warning("refused line not kept",
                     {{"stream", refused.stream}, {"why", "others wait for the spool's disk"}});
        return;
      }
      bytes_ += refused.line.size();
      waiting_.push_back(
          {std::string(refused.stream), refused.why, std::string(refused.line), refused.at});
    }
    wake_();
  }

  void write() {
    std::deque<Waiting> lines;
    {
      const std::lock_guard lock(mutex_);
      lines.swap(waiting_);
      bytes_ = 0;
    }
    for (const Waiting& line : lines) {
      const auto kept = quarantine_.add(line.stream, line.why, line.line, line.at);
      if (kept) continue;
      log::warning("refused line not kept",
                   {{"stream", line.stream}, {"why", kept.error().message}});
    }
  }

 private:
  struct Waiting {
    std::string stream;
    std::string why;
    std::string line;
    WallTime at;
  };

  disk::Quarantine quarantine_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace plotbridge::app
