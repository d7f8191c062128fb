// Concern: what an operator's dashboard reads of the built-in endpoint, and that there is nothing
// to read of one that is not ours.
#include "plugin/app/metrics.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plotbridge::app {
namespace {

bool has(const std::string& page, std::string_view text) { return page.find(text) != page.npos; }

TEST(Metrics, TellWhatTheBuiltInEndpointHolds) {
  MetricsInput input;
  http::EndpointStats& endpoint = input.endpoint.emplace();
  endpoint.connections = 12;
  endpoint.streams_open = 9;
  endpoint.streams_known = 10;
  endpoint.watchers = 3;
  endpoint.reading_bytes = 900'000;
  endpoint.state_failing = true;
  endpoint.lines = 5;
  endpoint.skipped_lines = 4;
  endpoint.closes[static_cast<std::size_t>(http::StreamEnd::kBadLine)] = 2;
  const std::string page = render_metrics(input);
  for (const char* line :
       {"plotbridge_endpoint_connections 12\n", "plotbridge_endpoint_streams_open 9\n",
        "plotbridge_endpoint_streams_known 10\n", "plotbridge_endpoint_watchers 3\n",
        "plotbridge_endpoint_reading_bytes 900000\n", "plotbridge_endpoint_state_degraded 1\n",
        "plotbridge_endpoint_lines_total 5\n", "plotbridge_endpoint_skipped_lines_total 4\n",
        "plotbridge_endpoint_closes_total{reason=\"bad_line\"} 2\n"}) {
    EXPECT_TRUE(has(page, line)) << line << page;
  }
  EXPECT_FALSE(has(page, "reason=\"done\"")) << page;
}

TEST(Metrics, AreSilentOnAnEndpointOfSomebodyElse) {
  EXPECT_FALSE(has(render_metrics({}), "plotbridge_endpoint_"));
}

}  // namespace
}  // namespace plotbridge::app
