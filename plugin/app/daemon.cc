#include "plugin/app/daemon.h"

#include "plugin/app/bridge.h"
#include "plugin/app/exit_code.h"
#include "plugin/app/main_loop.h"
#include "plugin/app/servers.h"
#include "plugin/app/stop_deadline.h"
#include "plugin/app/version.h"
#include "plugin/base/log.h"
#include "plugin/mqtt/session.h"

#include <sys/resource.h>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// For a disk that stalls.
constexpr Duration kStopPatience = 10s;
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
    log::warning("too few file descriptors", {{"limit", limit.rlim_cur},
                                              {"wanted", wanted},
                                              {"hint", "raise LimitNOFILE or ulimit -n"}});
  }
}

void warn_of_reload() {
  log::warning("reload asked for", {{"why", "reading the configuration again is not built yet"},
                                    {"action", "tries again what stands by or is parked"},
                                    {"hint", "restart to apply a changed configuration"}});
}

int fail_to_start(const Error& error) {
  log::error("cannot start", {{"why", error.message}});
  if (error.kind == ErrorKind::kInvalid) return kExitBadConfig;
  return error.kind == ErrorKind::kBusy ? kExitTryAgain : kExitUnavailable;
}

void warn_of_unverified_peers(const config::Config& config) {
  const auto warn = [](std::string_view key, std::string_view shown) {
    log::warning(
        "certificates are not verified",
        {{"key", key}, {"risk", shown}, {"hint", "give `ca` in place of `verify: false`"}});
  };
  if (config.broker && !config.broker->tls.verify) {
    warn("broker.tls.verify", "anybody on the way can pass for the broker");
  }
  if (config.endpoint && !config.endpoint->tls.verify) {
    warn("endpoint.tls.verify", "anybody on the way can pass for the endpoint and get the tokens");
  }
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
  Bridge bridge(config, main_loop);
  if (const auto opened = bridge.open(); !opened) return fail_to_start(opened.error());
  bridge.start();
  main_loop.run_until_stopped([&](TimePoint now) { return bridge.turn(now); },
                              [&] {
                                warn_of_reload();
                                bridge.retry();
                              });
  log::info("plotbridge stops", {{"step", "drain"}});
  main_loop.stop_hard_on_next_signal();
  const StopDeadline deadline(kStopPatience);
  bridge.stop();
  log::info("plotbridge stopped");
  return kExitGood;
}

int run_endpoint(const config::Config& config) {
  MainLoop main_loop;
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
