#include "plugin/app/builtin_endpoint.h"

#include "plugin/config/server_reader.h"
#include "plugin/http/time_zones.h"

#include <utility>
#include <vector>

namespace plotbridge::app {

endpoint::Options endpoint_options(const config::Config& config, const config::Server& server) {
  endpoint::Options options;
  options.open = config::takes_any_token(server);
  options.idle_timeout = server.idle_timeout;
  options.local_time = http::local_time;
  std::vector<endpoint::Accounts::User> users;
  for (const auto& [name, key] : server.users) users.push_back({name, key});
  options.accounts = endpoint::Accounts(std::move(users), config::is_on_loopback(server));
  for (const config::Stream& stream : config.streams) {
    options.streams.push_back({stream.name, stream.token});
  }
  for (const config::Plot& plot : config.plots) {
    endpoint::PlotOptions made{plot.name, plot.layout_json, {}};
    for (const config::Trace& trace : plot.traces) {
      made.traces.push_back({trace.stream, trace.token, trace.max_points, trace.style_json});
    }
    options.plots.push_back(std::move(made));
  }
  return options;
}

}  // namespace plotbridge::app
