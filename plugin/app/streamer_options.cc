#include "plugin/app/streamer_options.h"

#include "plugin/base/log.h"

#include <algorithm>
#include <cstdio>
#include <random>

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

WhenSpoolFull policy_of(config::WhenSpoolFull when_full) {
  switch (when_full) {
    case config::WhenSpoolFull::kDropOldest:
      return WhenSpoolFull::kDropOldest;
    case config::WhenSpoolFull::kDropNewest:
      return WhenSpoolFull::kDropNewest;
    case config::WhenSpoolFull::kBlock:
      return WhenSpoolFull::kBlock;
  }
  return WhenSpoolFull::kDropOldest;
}

// Of a process that leaves nothing behind.
std::string random_producer() {
  std::random_device random;
  char text[40];
  std::snprintf(text, sizeof text, "%08x%08x%08x%08x", random(), random(), random(), random());
  return text;
}

Delivery delivery_of(const config::Config& config, const disk::SegmentStore* store) {
  Delivery delivery;
  const bool may = !config.endpoint || config.endpoint->type == config::EndpointType::kPlotbridge;
  delivery.acks = stream::AckSupport(may, store != nullptr && store->endpoint_acknowledges());
  delivery.spooled = store != nullptr;
  delivery.must_outlive_power =
      store != nullptr && config.spool->durability == config::Durability::kPower;
  if (config.endpoint) delivery.checkpoint = config.endpoint->checkpoint;
  return delivery;
}

}  // namespace

Streamer::Options streamer_options(const config::Config& config, const std::string& endpoint_url,
                                   std::optional<QuarantineWriter>& quarantine,
                                   disk::SegmentStore* store) {
  const config::Endpoint endpoint = config.endpoint.value_or(config::Endpoint{});
  Streamer::Options options;
  options.endpoint_url = endpoint_url;
  Duration heartbeat = endpoint.heartbeat;
  // Two of them may be lost before the built-in endpoint takes a stream for silent.
  if (!config.endpoint && config.server) {
    heartbeat = std::min(heartbeat, config.server->idle_timeout / 3);
  }
  options.connection = {heartbeat, contest_of(endpoint.contest)};
  options.outbox.memory = config.memory;
  options.outbox.store = store;
  if (config.spool) {
    options.outbox.store_capacity = config.spool->capacity;
    options.outbox.when_spool_full = policy_of(config.spool->when_full);
  }
  options.delivery = delivery_of(config, store);
  options.producer = store != nullptr ? store->producer() : random_producer();
  if (store != nullptr) {
    options.on_acks_known = [store](bool acknowledges) {
      store->note_endpoint_acknowledges(acknowledges);
    };
  }
  options.epoch = store != nullptr ? store->epoch() : 1;
  options.tls = {endpoint.tls.ca, endpoint.tls.certificate, endpoint.tls.key, endpoint.tls.verify};
  options.proxy = {endpoint.proxy.url, endpoint.proxy.username, endpoint.proxy.password};
  options.put_aside = [&quarantine](const RefusedLine& refused) {
    if (quarantine) quarantine->put(refused);
  };
  return options;
}

}  // namespace plotbridge::app
