#include "plugin/app/commands.h"

#include "plugin/app/daemon.h"
#include "plugin/app/exit_code.h"
#include "plugin/app/listen_url.h"
#include "plugin/app/plot_maker.h"
#include "plugin/app/status_report.h"
#include "plugin/app/status_table.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/config/address.h"
#include "plugin/config/server_reader.h"
#include "plugin/config/yaml_loader.h"
#include "plugin/http/http_get.h"
#include "plugin/http/tls_certificate.h"
#include "plugin/http/trusted_authorities.h"

#include <iostream>
#include <map>

namespace plotbridge::app {
namespace {

enum class Warn { kOnTerminal, kInLog, kNot };

// Loads and prints every mistake; nothing when there is one.
std::optional<config::Config> load(const std::string& path, Warn warn = Warn::kNot) {
  config::Loaded loaded = config::load_file(path);
  for (const config::Mistake& mistake : loaded.mistakes) std::cerr << mistake.to_string() << '\n';
  if (!loaded.mistakes.empty()) return std::nullopt;
  log::configure(loaded.config.log.level, loaded.config.log.format);
  for (const config::Mistake& warning : loaded.warnings) {
    if (warn == Warn::kInLog) {
      log::warning("configuration", {{"at", warning.place()}, {"why", warning.message}});
    } else if (warn == Warn::kOnTerminal) {
      std::cerr << warning.place() << ": warning: " << warning.message << '\n';
    }
  }
  return std::move(loaded.config);
}

// For a daemon: nothing of it waits for a journal that stalls, the first warning included.
std::optional<config::Config> load_for_daemon(const std::optional<std::string>& path) {
  log::write_in_background();
  return path ? load(*path, Warn::kInLog) : config::Config();
}

// Over REST a token belongs to the plot that named it last; the built-in endpoint feeds every one.
void warn_of_shared_streams(const config::Config& config) {
  std::map<std::string, std::string> plot_of;
  for (const config::Plot& plot : config.plots) {
    for (const config::Trace& trace : plot.traces) {
      if (trace.stream.empty()) continue;
      const auto [first, is_new] = plot_of.emplace(trace.stream, plot.name);
      if (is_new || first->second == plot.name) continue;
      std::cerr << "plotbridge plots: stream " << trace.stream << " stands in the plots "
                << first->second << " and " << plot.name
                << ": this endpoint feeds the last of them alone; give each a stream of its own\n";
    }
  }
}

// What the files of certificates hold; their names and rights are looked at before.
bool has_good_certificates(const config::Config& config, const std::string& path) {
  bool all_good = true;
  const auto tell = [&](const char* key, const auto& result) {
    if (result) return;
    std::cerr << path << ": " << key << ": " << result.error().message << '\n';
    all_good = false;
  };
  const auto look_at = [&](const char* key, const config::Tls& tls) {
    if (!tls.ca.empty()) tell(key, http::TrustedAuthorities::check(tls.ca));
    const std::string& its_key = tls.key.empty() ? tls.certificate : tls.key;
    if (!its_key.empty()) tell(key, http::TlsCertificate::load(tls.certificate, its_key));
  };
  if (config.broker) look_at("broker.tls", config.broker->tls);
  if (config.endpoint) look_at("endpoint.tls", config.endpoint->tls);
  if (config.server && config.server->tls) {
    tell("server.tls",
         http::TlsCertificate::load(config.server->tls->certificate, config.server->tls->key));
  }
  return all_good;
}

}  // namespace

int command_run(const std::string& config_path) {
  const auto config = load_for_daemon(config_path);
  if (!config) return kExitBadConfig;
  if (!config->broker) {
    std::cerr
        << config_path
        << ":1:1: broker: missing; `run` needs a broker to take messages from (`serve` does not)\n";
    return kExitBadConfig;
  }
  return run_bridge(*config);
}

int command_check(const std::string& config_path) {
  const auto config = load(config_path, Warn::kOnTerminal);
  if (!config) return kExitBadConfig;
  if (!has_good_certificates(*config, config_path)) return kExitBadConfig;
  const auto counted = [](std::size_t number, const char* one) {
    return std::to_string(number) + ' ' + one + (number == 1 ? "" : "s");
  };
  std::cout << config_path << ": good (" << counted(config->streams.size(), "stream") << ", "
            << counted(config->routes.size(), "route") << ", "
            << counted(config->plots.size(), "plot") << ")\n";
  return kExitGood;
}

int command_serve(const std::optional<std::string>& config_path, const std::string& listen,
                  const std::string& state) {
  auto loaded = load_for_daemon(config_path);
  if (!loaded) return kExitBadConfig;
  config::Config config = *std::move(loaded);
  if (!config.server) config.server.emplace();
  if (!listen.empty()) {
    const auto address = config::parse_listen(listen);
    if (!address) {
      std::cerr << "plotbridge serve: --listen: " << address.error().message << '\n';
      return kExitUsage;
    }
    config.server->listen = *address;
    if (const auto flaw = config::flaw_of_plain_port(*config.server); !flaw.empty()) {
      std::cerr << "plotbridge serve: --listen: " << flaw << '\n';
      return kExitBadConfig;
    }
  }
  if (!state.empty()) config.server->state = state;
  return run_endpoint(config);
}

int command_plots(const std::string& config_path) {
  const auto config = load(config_path);
  if (!config) return kExitBadConfig;
  if (config->plots.empty()) {
    std::cerr << config_path << ": there are no `plots` to make\n";
    return kExitBadConfig;
  }
  const auto& endpoint = config->endpoint;
  if (endpoint && endpoint->type == config::EndpointType::kChartStudio && !endpoint->rest) {
    std::cerr << config_path << ": endpoint.rest: missing; where and as whom the plots are made: "
              << "{url: https://plotly.example.com, username: NAME, key: {file: PATH}}\n";
    return kExitBadConfig;
  }
  if (endpoint) warn_of_shared_streams(*config);
  int code = kExitGood;
  for (const config::Plot& plot : config->plots) {
    const auto address = endpoint ? make_plot(*config, plot) : find_plot(*config, plot);
    if (address) {
      std::cout << plot.name << '\t' << *address << std::endl;
      continue;
    }
    std::cerr << "plotbridge plots: " << plot.name << ": " << address.error().message << '\n';
    code = address.error().kind == ErrorKind::kUnavailable ? kExitUnavailable : kExitFailure;
    if (code == kExitUnavailable) break;
  }
  return code;
}

int command_status(const std::optional<std::string>& config_path, const std::string& admin) {
  std::string url = admin;
  if (!admin.empty()) {
    const auto parsed = config::parse_url(admin);
    if (!parsed || (parsed->scheme != "http" && parsed->scheme != "https")) {
      std::cerr << "plotbridge status: --admin: expected http://HOST:PORT\n";
      return kExitUsage;
    }
  } else {
    config::Admin where;
    if (config_path) {
      const auto config = load(*config_path);
      if (!config) return kExitBadConfig;
      where = config->admin;
    }
    if (where.listen.port == 0) {
      std::cerr
          << "plotbridge status: admin.listen has port 0, which is another one at each start: "
             "give --admin the URL that the daemon logs\n";
      return kExitUsage;
    }
    url = local_url(where.listen);
  }
  while (url.ends_with('/')) url.pop_back();
  url += "/status";

  const auto answer = http::http_get(url);
  if (!answer) {
    const bool away = answer.error().kind == ErrorKind::kUnavailable;
    std::cerr << "plotbridge status: " << url << ": " << answer.error().message
              << (away ? "; does `plotbridge run` run there? else give its address by --admin\n"
                       : "; is this the admin address of plotbridge?\n");
    return away ? kExitUnavailable : kExitFailure;
  }
  const auto report = parse_status(*answer);
  if (!report) {
    std::cerr << "plotbridge status: " << url
              << ": the answer is not understood: " << report.error().message << '\n';
    return kExitFailure;
  }
  std::cout << status_table(*report, wall_now());
  return kExitGood;
}

}  // namespace plotbridge::app
