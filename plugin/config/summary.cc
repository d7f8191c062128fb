#include "plugin/config/summary.h"

namespace plotbridge::config {
namespace {

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string to_text(const Listen& listen) {
  const bool ipv6 = listen.host.find(':') != std::string::npos;
  return (ipv6 ? '[' + listen.host + ']' : listen.host) + ':' + std::to_string(listen.port);
}

std::string summary(const Config& config) {
  std::string text = config.broker ? "broker " + config.broker->url : "no broker";
  if (config.endpoint) {
    const bool chart_studio = config.endpoint->type == EndpointType::kChartStudio;
    text +=
        ", endpoint " + config.endpoint->url + (chart_studio ? " (chart_studio)" : " (plotbridge)");
    if (!config.endpoint->proxy.url.empty()) text += " by the proxy " + config.endpoint->proxy.url;
  }
  if (config.server) text += ", built-in endpoint on " + to_text(config.server->listen);
  return text + ", " + counted(config.streams.size(), "stream") + ", " +
         counted(config.routes.size(), "route") + ", " + counted(config.plots.size(), "plot");
}

}  // namespace plotbridge::config
