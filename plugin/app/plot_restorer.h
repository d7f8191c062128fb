// Makes a plot again when the endpoint says that it has lost the token of a stream (403), then has
// the stream opened again. Not more often than once in ten minutes a plot, so that two who make
// plots for one token do not take it from each other for ever; a stream of it that is told only
// later is just opened again. A thread of its own, because REST waits. Leaves to others: making
// (plot_maker). Main thread, but for `note`.
#pragma once

#include "plugin/base/time.h"
#include "plugin/config/config.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace plotbridge::app {

class PlotRestorer {
 public:
  static constexpr Duration kPause = std::chrono::minutes(10);

  /// `config` outlives it and has `endpoint.rest`. `retry` opens a stream; called on the restorer's
  /// thread.
  PlotRestorer(const config::Config& config, std::function<void(std::size_t stream)> retry);
  ~PlotRestorer();
  PlotRestorer(const PlotRestorer&) = delete;
  PlotRestorer& operator=(const PlotRestorer&) = delete;

  /// The stream's plot has lost its token. Any thread.
  void note(std::size_t stream);

 private:
  struct Making {
    TimePoint at;
    bool succeeded = false;
    std::set<std::size_t> retried;  // the streams that were opened since
  };

  void run();
  void restore(const std::set<std::size_t>& streams);
  void restore(const config::Plot& plot, const std::set<std::size_t>& fed);
  void retry(Making& making, const std::set<std::size_t>& streams);

  const config::Config& config_;
  std::function<void(std::size_t stream)> retry_;
  std::map<const config::Plot*, Making> made_;  // the last one of each
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<std::size_t> lost_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace plotbridge::app
