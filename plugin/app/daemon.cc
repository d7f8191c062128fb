#include "plugin/app/daemon.h"

#include "plugin/app/birth_keeper.h"
#include "plugin/app/broker_link.h"
#include "plugin/app/exit_code.h"
#include "plugin/app/liveness.h"
#include "plugin/app/main_loop.h"
#include "plugin/app/pipeline.h"
#include "plugin/app/plot_restorer.h"
#include "plugin/app/quarantine_writer.h"
#include "plugin/app/servers.h"
#include "plugin/app/stop_deadline.h"
#include "plugin/app/streamer.h"
#include "plugin/app/streamer_options.h"
#include "plugin/app/version.h"
#include "plugin/app/worker.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/rate_limit.h"
#include "plugin/disk/segment_store.h"

#include <sys/resource.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// Together they stay below the 6 s in which the program ends.
constexpr Duration kBrokerStop = 500ms;
constexpr Duration kDrain = 5s;
// For a disk that stalls.
constexpr Duration kStopPatience = 10s;
constexpr Duration kLoopPatience = 10s;
constexpr Duration kExpireInterval = 10s;
// While messages wait with the broker: how often it is seen whether there is room.
constexpr Duration kLookForRoom = 200ms;

// One descriptor a stream: the default soft limit of 1,024 would end there.
void raise_descriptor_limit(std::size_t streams) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  // The built-in endpoint has the other end of each.
  const std::size_t wanted = 2 * streams + 100;
  if (limit.rlim_cur < wanted) {
    log::warning(
        "too few file descriptors",
        {{"limit", limit.rlim_cur}, {"wanted", wanted}, {"do", "raise LimitNOFILE or ulimit -n"}});
  }
}

void warn_of_reload() {
  log::warning("reload asked for", {{"why", "reading the configuration again is not built yet"},
                                    {"did", "tries again what stands by or is parked"},
                                    {"do", "restart to apply a changed configuration"}});
}

int fail_to_start(const Error& error) {
  log::error("cannot start", {{"why", error.message}});
  if (error.kind == ErrorKind::kInvalid) return kExitBadConfig;
  return error.kind == ErrorKind::kBusy ? kExitTryAgain : kExitUnavailable;
}

void warn_of_unverified_peers(const config::Config& config) {
  const auto warn = [](std::string_view key, std::string_view shown) {
    log::warning("certificates are not verified",
                 {{"key", key}, {"risk", shown}, {"do", "give `ca` in place of `verify: false`"}});
  };
  if (config.broker && !config.broker->tls.verify) {
    warn("broker.tls.verify", "anybody on the way can pass for the broker");
  }
  if (config.endpoint && !config.endpoint->tls.verify) {
    warn("endpoint.tls.verify", "anybody on the way can pass for the endpoint and get the tokens");
  }
}

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
                          {"did", "goes on in memory alone, which a restart empties"},
                          {"do", "see to the disk of spool.directory, then restart"}});
  return nullptr;
}

/// At most ten lines a second: who invents edge nodes must not fill the log.
void tell_rebirth(RateLimit& limit, const std::string& topic, TimePoint now) {
  constexpr std::size_t kLines = 10;
  constexpr std::size_t kTopicShown = 200;
  const auto line = std::to_string(std::hash<std::string>{}(topic) % kLines);
  const auto held_back = limit.admit(line, now);
  if (!held_back) return;
  log::info("sparkplug rebirth asked for",
            {{"topic", topic.substr(0, kTopicShown)}, {"more_since_last_line", *held_back}});
}

bool has_sparkplug(const config::Config& config) {
  return std::ranges::any_of(config.routes, [](const config::Route& route) {
    return route.decode.type == DecodeType::kSparkplug;
  });
}

}  // namespace

int run_bridge(const config::Config& config) {
  // Before any thread that reads it: the environment must not change under one.
  mqtt::ignore_proxy_variables();
  MainLoop main_loop;
  log::info("plotbridge starts", {{"version", version()},
                                  {"streams", config.streams.size()},
                                  {"routes", config.routes.size()}});
  warn_of_unverified_peers(config);
  raise_descriptor_limit(config.streams.size());

  Servers servers;
  std::string endpoint_url = config.endpoint ? config.endpoint->url : "";
  if (config.server) {
    const auto url = servers.listen_endpoint(config, *config.server);
    if (!url) return fail_to_start(url.error());
    if (!config.endpoint) endpoint_url = *url;
  }
  std::optional<Worker> housekeeping;  // all that waits for a disk now and then
  const auto wake_housekeeping = [&housekeeping] { housekeeping->wake(); };
  std::optional<QuarantineWriter> quarantine;
  if (config.spool) quarantine.emplace(config.spool->directory, wake_housekeeping);
  auto opened_spool = open_spool(config);
  if (!opened_spool) return fail_to_start(opened_spool.error());
  const std::unique_ptr<disk::SegmentStore> spool = *std::move(opened_spool);
  std::optional<PlotRestorer> plots;  // ends before the streamer that it retries, see below
  auto options = streamer_options(config, endpoint_url, quarantine, spool.get());
  options.intake.on_pressure = [&main_loop] { main_loop.nudge(); };
  if (config.endpoint && config.endpoint->rest) {
    options.plot_lost = [&plots](std::size_t stream) { plots->note(stream); };
  }
  Streamer streamer(std::move(options), config.streams);
  if (config.endpoint && config.endpoint->rest) {
    plots.emplace(config, [&streamer](std::size_t stream) { streamer.retry(stream); });
  }
  Pipeline pipeline(config, [&](std::size_t stream, const Line& line, const Arrival& arrival) {
    streamer.push(stream, line, arrival);
  });
  BrokerLink broker(
      *config.broker, pipeline.subscriptions(), host_id_of(config),
      [&](const Message& message) {
        pipeline.take(message);
        streamer.end_message();
      },
      [&] { main_loop.nudge(); });

  pipeline.on_command([&] { main_loop.nudge(); });
  std::optional<BirthKeeper> births;
  if (config.spool && has_sparkplug(config)) {
    births.emplace(config.spool->directory, wake_housekeeping);
    births->load([&](const std::string& topic, const std::string& payload) {
      pipeline.remember_birth(topic, payload);
    });
    pipeline.keep_births(
        [&](std::string_view topic, std::string_view payload) { births->put(topic, payload); });
  }

  Liveness stream_loop_liveness(kLoopPatience);
  Admin::Sources sources;
  sources.snapshot = [&] {
    return MetricsInput{broker.status(),          pipeline.counts(),
                        streamer.statuses(),      streamer.deliveries(),
                        streamer.memory_used(),   spool_gauges(config, spool.get()),
                        servers.endpoint_stats(), {}};
  };
  sources.stalled_loop = [&]() -> std::string_view {
    const bool alive = stream_loop_liveness.alive(streamer.turns(), steady_now());
    streamer.nudge();
    return alive ? "" : "stream";
  };
  if (const auto bound = servers.listen_admin(config.admin, std::move(sources)); !bound) {
    return fail_to_start(bound.error());
  }

  TimePoint next_expiry = steady_now();  // at once: the clock may be set a moment later
  housekeeping.emplace([&](TimePoint now) {
    if (births) births->write();
    if (quarantine) quarantine->write();
    if (spool == nullptr) return kNever;
    if (now >= next_expiry) {
      streamer.see_to_spool(moment_now());
      next_expiry = now + kExpireInterval;
    }
    return next_expiry;
  });
  servers.start();
  streamer.start();
  housekeeping->start();
  constexpr const char* kFull = "what may not drop lines is full: messages wait with the broker";
  if (streamer.wants_pause()) {
    broker.pause(kBrokerStop, kFull);
  } else {
    broker.start(steady_now());
  }
  const auto see_to_room = [&](TimePoint now) {
    if (broker.paused()) streamer.look_for_room();
    if (streamer.wants_pause() != broker.paused()) {
      if (broker.paused()) {
        broker.resume(steady_now());
      } else {
        broker.pause(kBrokerStop, kFull);
      }
    }
    return broker.paused() ? now + kLookForRoom : kNever;
  };
  RateLimit rebirth_log(1s);
  const auto turn = [&](TimePoint now) {
    const TimePoint next = see_to_room(now);
    for (const auto& command : pipeline.due_commands(now, wall_now())) {
      tell_rebirth(rebirth_log, command.topic, now);
      broker.publish(command.topic, command.payload);
    }
    return std::min({next, broker.turn(now), pipeline.next_command()});
  };
  main_loop.run_until_stopped(turn, [&] {
    warn_of_reload();
    streamer.retry();
    broker.retry(steady_now());
  });

  log::info("plotbridge stops", {{"step", "drain"}});
  main_loop.stop_hard_on_next_signal();
  const StopDeadline deadline(kStopPatience);
  broker.stop(kBrokerStop);
  housekeeping->stop();
  const Intake::Rest left = streamer.drain(kDrain);
  if (births) births->write();
  if (quarantine) quarantine->write();
  plots.reset();
  servers.stop();
  if (left.kept > 0)
    log::info("lines wait in the spool for the next start", {{"lines", left.kept}});
  if (left.lost > 0) {
    log::warning("lines not sent",
                 {{"lines", left.lost},
                  {"why", "the endpoint did not take them before the program had to end"}});
  }
  log::info("plotbridge stopped");
  return kExitGood;
}

int run_endpoint(const config::Config& config) {
  MainLoop main_loop;
  log::write_in_background();
  log::info("plotbridge serves", {{"version", version()}});
  raise_descriptor_limit(config.streams.size());
  Servers servers;
  if (const auto url = servers.listen_endpoint(config, *config.server); !url) {
    return fail_to_start(url.error());
  }
  servers.start();
  main_loop.run_until_stopped([](TimePoint) { return kNever; }, warn_of_reload);
  const StopDeadline deadline(kStopPatience);
  servers.stop();
  log::info("plotbridge stopped");
  return kExitGood;
}

}  // namespace plotbridge::app
