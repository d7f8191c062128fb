#include "plugin/app/streamer_options.h"

#include "plugin/base/log.h"

namespace plotbridge::app {
namespace {

stream::Contest contest_of(config::Contest contest) {
  switch (contest) {
    case config::Contest::kShare:
      return stream::Contest::kShare;
    case config::Contest::kYield:
      return stream::Contest::kYield;
    case config::Contest::kInsist:
      return stream::Contest::kInsist;
  }
  return stream::Contest::kShare;
}

}  // namespace

Streamer::Options streamer_options(const config::Config& config, const std::string& endpoint_url,
                                   std::optional<disk::Quarantine>& quarantine) {
  const config::Endpoint endpoint = config.endpoint.value_or(config::Endpoint{});
  Streamer::Options options;
  options.endpoint_url = endpoint_url;
  options.connection = {endpoint.heartbeat, contest_of(endpoint.contest)};
  options.memory = config.memory;
  options.tls = {endpoint.tls.ca, endpoint.tls.certificate, endpoint.tls.key, endpoint.tls.verify};
  options.proxy = {endpoint.proxy.url, endpoint.proxy.username, endpoint.proxy.password};
  options.put_aside = [&quarantine](const RefusedLine& refused) {
    if (!quarantine) return;
    if (const auto kept = quarantine->add(refused.stream, refused.why, refused.line, refused.at);
        !kept) {
      log::warning("refused line not kept",
                   {{"stream", refused.stream}, {"why", kept.error().message}});
    }
  };
  return options;
}

}  // namespace plotbridge::app
