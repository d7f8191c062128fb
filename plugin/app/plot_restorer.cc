#include "plugin/app/plot_restorer.h"

#include "plugin/app/clock.h"
#include "plugin/app/plot_maker.h"
#include "plugin/base/log.h"

#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// A plot has more than one stream, and they are told one after the other.
constexpr auto kGather = 1s;

std::set<std::size_t> streams_of(const config::Plot& plot, const config::Config& config,
                                 const std::set<std::size_t>& among) {
  std::set<std::size_t> found;
  for (const std::size_t stream : among) {
    for (const config::Trace& trace : plot.traces) {
      const config::Stream& known = config.streams[stream];
      const bool same = trace.stream.empty() ? known.token.equals(trace.token.reveal())
                                             : trace.stream == known.name;
      if (same) found.insert(stream);
    }
  }
  return found;
}

}  // namespace

PlotRestorer::PlotRestorer(const config::Config& config,
                           std::function<void(std::size_t stream)> retry)
    : config_(config), retry_(std::move(retry)), thread_([this] { run(); }) {}

PlotRestorer::~PlotRestorer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void PlotRestorer::note(std::size_t stream) {
  {
    const std::lock_guard lock(mutex_);
    lost_.insert(stream);
  }
  wake_.notify_one();
}

void PlotRestorer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_.load() || !lost_.empty(); });
    wake_.wait_for(lock, kGather, [this] { return stopping_.load(); });
    if (stopping_) return;
    const std::set<std::size_t> streams = std::exchange(lost_, {});
    lock.unlock();
    restore(streams);
    lock.lock();
  }
}

void PlotRestorer::restore(const std::set<std::size_t>& streams) {
  for (const config::Plot& plot : config_.plots) {
    const std::set<std::size_t> fed = streams_of(plot, config_, streams);
    if (fed.empty()) continue;
    const TimePoint now = steady_now();
    const auto last = made_.find(&plot);
    if (last != made_.end() && now - last->second < kPause) {
      log::warning("plot not made again", {{"plot", plot.name},
                                           {"why", "it was less than 10 minutes ago"},
                                           {"do", "see who else makes plots with its tokens"}});
      continue;
    }
    made_[&plot] = now;
    const auto address = make_plot(config_, plot, &stopping_);
    if (stopping_) return;
    if (!address) {
      log::warning("plot not made again", {{"plot", plot.name}, {"why", address.error().message}});
      continue;
    }
    log::info("plot made again", {{"plot", plot.name},
                                  {"why", "the endpoint said that it had lost a token"},
                                  {"url", *address}});
    for (const std::size_t stream : fed) retry_(stream);
  }
}

}  // namespace plotbridge::app
