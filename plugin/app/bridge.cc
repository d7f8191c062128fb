#include "plugin/app/bridge.h"

#include "plugin/app/streamer_options.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/utf8.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// Together they stay below the 6 s in which the program ends.
constexpr Duration kBrokerStop = 500ms;
constexpr Duration kDrain = 5s;
constexpr Duration kLoopPatience = 10s;
constexpr Duration kExpireInterval = 10s;
// What the log suppressed is told a minute after the last line on the like, at the latest.
constexpr Duration kSuppressedFor = 40s;
constexpr Duration kLookAfter = 15s;
// While messages wait with the broker: how often it is seen whether there is room.
constexpr Duration kLookForRoom = 200ms;

constexpr const char* kFull = "what may not drop lines is full: messages wait with the broker";

std::optional<queue::LineStore::Gauges> spool_gauges(const config::Config& config,
                                                     const disk::SegmentStore* spool) {
  if (!config.spool) return std::nullopt;
  queue::LineStore::Gauges none;
  none.degraded = true;
  return spool != nullptr ? spool->gauges(wall_now()) : none;
}

/// Of the Sparkplug primary host that the routes name; empty: there is none.
std::string host_id_of(const config::Config& config) {
  for (const config::Route& route : config.routes) {
    if (!route.decode.host_id.empty()) return route.decode.host_id;
  }
  return {};
}

/// Null: there is none, or its disk cannot be used, which is told.
Result<std::unique_ptr<disk::SegmentStore>> open_spool(const config::Config& config) {
  if (!config.spool) return nullptr;
  disk::SpoolOptions options;
  options.directory = config.spool->directory;
  options.capacity = config.spool->capacity;
  options.max_age = config.spool->max_age;
  options.power = config.spool->durability == config::Durability::kPower;
  for (const config::Stream& stream : config.streams) options.streams.push_back(stream.name);
  auto store = disk::SegmentStore::open(std::move(options));
  if (store || store.error().kind != ErrorKind::kUnavailable) return store;
  log::error("no spool", {{"why", store.error().message},
                          {"action", "goes on in memory alone, which a restart empties"},
                          {"hint", "see to the disk of spool.directory, then restart"}});
  return nullptr;
}

bool has_sparkplug(const config::Config& config) {
  return std::ranges::any_of(config.routes, [](const config::Route& route) {
    return route.decode.type == DecodeType::kSparkplug;
  });
}

}  // namespace

Bridge::Bridge(const config::Config& config, MainLoop& main_loop)
    : config_(config),
      main_loop_(main_loop),
      stream_loop_liveness_(kLoopPatience),
      rebirth_log_(1s) {}

Result<void> Bridge::open() {
  std::string endpoint_url = config_.endpoint ? config_.endpoint->url : "";
  if (config_.server) {
    const auto url = servers_.listen_endpoint(config_, *config_.server);
    if (!url) return tl::make_unexpected(url.error());
    if (!config_.endpoint) endpoint_url = *url;
  }
  if (config_.spool) {
    quarantine_.emplace(config_.spool->directory, [this] { housekeeping_->wake(); });
  }
  auto spool = open_spool(config_);
  if (!spool) return tl::make_unexpected(spool.error());
  spool_ = *std::move(spool);
  make_streamer(endpoint_url);
  make_pipeline();
  if (config_.spool && has_sparkplug(config_)) load_births();
  if (auto bound = servers_.listen_admin(config_.admin, sources()); !bound) return bound;
  next_expiry_ = steady_now();  // at once: the clock may be set a moment later
  housekeeping_.emplace([this](TimePoint now) { return do_housekeeping(now); });
  return {};
}

void Bridge::make_streamer(const std::string& endpoint_url) {
  const bool makes_plots = config_.endpoint && config_.endpoint->rest;
  auto options = streamer_options(config_, endpoint_url, quarantine_, spool_.get());
  options.outbox.on_pressure = [this] { main_loop_.nudge(); };
  if (makes_plots) {
    options.plot_lost = [this](std::size_t stream) { plots_->note(stream); };
  }
  streamer_.emplace(std::move(options), config_.streams);
  if (makes_plots) {
    plots_.emplace(config_, [this](std::size_t stream) { streamer_->retry(stream); });
  }
}

void Bridge::make_pipeline() {
  pipeline_.emplace(config_, [this](std::size_t stream, const Line& line, const Arrival& arrival) {
    streamer_->push(stream, line, arrival);
  });
  broker_.emplace(*config_.broker, pipeline_->subscriptions(), host_id_of(config_),
                  BrokerLink::Callbacks{
                      [this](const Message& message) { take(message); },
                      [this](std::string_view topic) { pipeline_->take_oversize(topic); },
                      [this] { pipeline_->begin_session(); }, [this] { main_loop_.nudge(); }});
  pipeline_->on_command([this] { main_loop_.nudge(); });
}

void Bridge::take(const Message& message) {
  try {
    pipeline_->take(message);
  } catch (...) {
    streamer_->end_message();  // lines of it that were taken wait for the disk all the same
    throw;
  }
  streamer_->end_message();
}

void Bridge::load_births() {
  births_.emplace(config_.spool->directory, [this] { housekeeping_->wake(); });
  births_->load([this](const std::string& topic, const std::string& payload) {
    pipeline_->remember_birth(topic, payload);
  });
  pipeline_->keep_births([this](std::string_view topic, std::optional<std::string_view> payload) {
    payload ? births_->put(topic, *payload) : births_->remove(topic);
  });
}

Admin::Sources Bridge::sources() {
  Admin::Sources sources;
  sources.snapshot = [this] {
    return MetricsInput{broker_->status(),         pipeline_->counts(),
                        streamer_->statuses(),     streamer_->deliveries(),
                        streamer_->memory_used(),  spool_gauges(config_, spool_.get()),
                        servers_.endpoint_stats(), {}};
  };
  sources.stalled_loop = [this]() -> std::string_view {
    const bool alive = stream_loop_liveness_.alive(streamer_->turns(), steady_now());
    streamer_->nudge();
    return alive ? "" : "stream";
  };
  return sources;
}

TimePoint Bridge::do_housekeeping(TimePoint now) {
  if (births_) births_->write();
  if (quarantine_) quarantine_->write();
  if (spool_ == nullptr) return kNever;
  if (now >= next_expiry_) {
    streamer_->maintain_spool(moment_now());
    next_expiry_ = now + kExpireInterval;
  }
  return next_expiry_;
}

void Bridge::start() {
  servers_.start();
  streamer_->start();
  housekeeping_->start();
  next_look_ = steady_now() + kLookAfter;
  if (streamer_->wants_pause()) {
    broker_->pause(kBrokerStop, kFull);
  } else {
    broker_->start(steady_now());
  }
}

TimePoint Bridge::turn(TimePoint now) {
  const TimePoint next = std::min(look_for_room(now), look_after(now));
  for (const auto& command : pipeline_->due_commands(now, wall_now())) {
    report_rebirth(command.topic, now);
    broker_->publish(command.topic, command.payload);
  }
  return std::min({next, broker_->turn(now), pipeline_->next_command()});
}

TimePoint Bridge::look_for_room(TimePoint now) {
  const bool was_paused = broker_->paused();
  if (was_paused) streamer_->look_for_room();
  const bool pauses = streamer_->wants_pause();
  if (pauses && !was_paused) broker_->pause(kBrokerStop, kFull);
  if (!pauses && was_paused) broker_->resume(steady_now());
  return pauses ? now + kLookForRoom : kNever;
}

TimePoint Bridge::look_after(TimePoint now) {
  if (now < next_look_) return next_look_;
  pipeline_->trim_if_due();
  pipeline_->log_suppressed(now, kSuppressedFor);
  broker_->log_suppressed(now, kSuppressedFor);
  return next_look_ = now + kLookAfter;
}

// At most ten lines a second: who invents edge nodes must not fill the log.
void Bridge::report_rebirth(const std::string& topic, TimePoint now) {
  constexpr std::size_t kLines = 10;
  constexpr std::size_t kTopicShown = 200;
  const auto line = std::to_string(std::hash<std::string>{}(topic) % kLines);
  const auto suppressed = rebirth_log_.admit(line, now);
  if (!suppressed) return;
  log::info("sparkplug rebirth asked for",
            {{"topic", whole_characters(topic, kTopicShown)}, {"suppressed", *suppressed}});
}

void Bridge::retry() {
  streamer_->retry();
  broker_->retry(steady_now());
}

void Bridge::stop() {
  streamer_->stop_waiting();
  broker_->stop(kBrokerStop);
  pipeline_->log_suppressed(steady_now(), Duration::zero());
  broker_->log_suppressed(steady_now(), Duration::zero());
  housekeeping_->stop();
  const Outbox::Leftover left = streamer_->drain(kDrain);
  if (births_) births_->write();
  if (quarantine_) quarantine_->write();
  plots_.reset();
  servers_.stop();
  if (left.kept > 0)
    log::info("lines wait in the spool for the next start", {{"lines", left.kept}});
  if (left.lost > 0) {
    log::warning("lines not sent",
                 {{"lines", left.lost},
                  {"why", "the endpoint did not take them before the program had to end"}});
  }
}

}  // namespace plotbridge::app
