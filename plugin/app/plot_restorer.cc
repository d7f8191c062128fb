#include "plugin/app/plot_restorer.h"

#include "plugin/app/plot_maker.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <algorithm>
#include <iterator>
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
    if (!fed.empty()) restore(plot, fed);
    if (stopping_) return;
  }
}

void PlotRestorer::restore(const config::Plot& plot, const std::set<std::size_t>& fed) {
  const TimePoint now = steady_now();
  if (const auto last = made_.find(&plot); last != made_.end() && now - last->second.at < kPause) {
    Making& making = last->second;
    // What it was told may be of the time before: an endpoint tells a stream when it next sends.
    std::set<std::size_t> late;
    std::ranges::set_difference(fed, making.retried, std::inserter(late, late.end()));
    if (making.succeeded) retry(making, late);
    if (making.succeeded && late.size() == fed.size()) return;
    log::warning("plot not made again", {{"plot", plot.name},
                                         {"why", "it was less than 10 minutes ago"},
                                         {"hint", "see who else makes plots with its tokens"}});
    return;
  }
  Making& making = made_[&plot] = Making{now, false, {}};
  const auto address = make_plot(config_, plot, &stopping_);
  if (stopping_) return;
  if (!address) {
    log::warning("plot not made again", {{"plot", plot.name}, {"why", address.error().message}});
    return;
  }
  making.succeeded = true;
  log::info("plot made again", {{"plot", plot.name},
                                {"why", "the endpoint said that it had lost a token"},
                                {"url", *address}});
  retry(making, fed);
}

void PlotRestorer::retry(Making& making, const std::set<std::size_t>& streams) {
  for (const std::size_t stream : streams) {
    making.retried.insert(stream);
    retry_(stream);
  }
}

}  // namespace plotbridge::app
