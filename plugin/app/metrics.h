// Every metric of the program, in one file: what was counted elsewhere, as Prometheus text.
// docs/metrics.md explains each. Rendered at the moment of asking, so that ten thousand streams
// need no objects of their own. Any thread.
#pragma once

#include "plugin/app/broker_link.h"
#include "plugin/app/delivery_histogram.h"
#include "plugin/app/pipeline.h"
#include "plugin/app/stream_status.h"
#include "plugin/http/endpoint_counters.h"
#include "plugin/http/http_server.h"
#include "plugin/queue/line_store.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge::app {

struct MetricsInput {
  std::optional<BrokerStatus> broker;
  std::optional<PipelineCounts> pipeline;
  std::vector<StreamStatus> streams;
  DeliveryHistogram deliveries;
  std::size_t queue_memory = 0;
  std::optional<queue::LineStore::Gauges> spool;
  std::optional<http::EndpointStats> endpoint;  // the built-in one
  std::optional<http::HttpServerStats> admin;   // of the pages that show this
};

std::string render_metrics(const MetricsInput& input);

}  // namespace plotbridge::app
