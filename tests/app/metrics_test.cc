// Concern: what an operator's dashboard reads of the built-in endpoint, and that there is nothing
// to read of one that is not ours.
#include "plugin/app/metrics.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

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
  endpoint.unproved_connections = 2;
  endpoint.waiting_readers = 1;
  endpoint.reader_turns = 30;
  endpoint.connection_bytes = 900'000;
  endpoint.unproved_bytes = 70'000;
  endpoint.limits[static_cast<std::size_t>(http::ConnectionEnd::kPeer)] = 6;
  input.admin.emplace().connections = 7;
  endpoint.state_failing = true;
  endpoint.lines = 5;
  endpoint.skipped_lines = 4;
  endpoint.further_ranges = 11;
  endpoint.closes[static_cast<std::size_t>(http::StreamEnd::kBadLine)] = 2;
  const std::string page = render_metrics(input);
  for (const char* line :
       {"plotbridge_endpoint_connections 12\n", "plotbridge_endpoint_streams_open 9\n",
        "plotbridge_endpoint_streams_known 10\n", "plotbridge_endpoint_watchers 3\n",
        "plotbridge_endpoint_unproved_connections 2\n", "plotbridge_endpoint_waiting_readers 1\n",
        "plotbridge_endpoint_reader_turns_total 30\n",
        "plotbridge_endpoint_connection_bytes 900000\n",
        "plotbridge_endpoint_unproved_bytes 70000\n", "plotbridge_endpoint_state_degraded 1\n",
        "plotbridge_endpoint_limited_total{reason=\"peer\"} 6\n",
        "plotbridge_endpoint_limited_total{reason=\"memory\"} 0\n",
        "plotbridge_admin_connections 7\n", "plotbridge_admin_limited_total{reason=\"memory\"} 0\n",
        "plotbridge_endpoint_lines_total 5\n", "plotbridge_endpoint_skipped_lines_total 4\n",
        "plotbridge_endpoint_position_ranges 11\n",
        "plotbridge_endpoint_closes_total{reason=\"bad_line\"} 2\n"}) {
    EXPECT_TRUE(has(page, line)) << line << page;
  }
  EXPECT_TRUE(has(page, "plotbridge_endpoint_closes_total{reason=\"done\"} 0\n")) << page;
}

std::vector<StreamStatus> streams(std::size_t number) {
  std::vector<StreamStatus> all(number);
  for (std::size_t i = 0; i < number; ++i) all[i].name = "stream" + std::to_string(i);
  return all;
}

TEST(Metrics, HaveEachReasonFromTheStartSoThatTheFirstEventHasARate) {
  MetricsInput input;
  input.streams = streams(2);
  input.streams[1].discarded[static_cast<std::size_t>(Discarded::kQueueFull)] = 7;
  const std::string page = render_metrics(input);
  for (const std::string_view reason : kDiscardedTexts) {
    EXPECT_TRUE(has(page, "plotbridge_discarded_lines_total{stream=\"stream0\",reason=\"" +
                              std::string(reason) + "\"} 0\n"));
  }
  for (std::size_t i = 0; i < stream::kCloseReasons; ++i) {
    const auto reason = std::string(stream::to_text(static_cast<stream::CloseReason>(i)));
    EXPECT_TRUE(has(
        page, "plotbridge_stream_closes_total{stream=\"stream0\",reason=\"" + reason + "\"} 0\n"));
    EXPECT_TRUE(has(page, "plotbridge_all_stream_closes_total{reason=\"" + reason + "\"} 0\n"));
  }
  EXPECT_TRUE(has(page, "plotbridge_all_discarded_lines_total{reason=\"queue_full\"} 7\n"));
}

TEST(Metrics, StayReadableWithManyStreams) {
  MetricsInput input;
  input.streams = streams(1000);
  EXPECT_LT(render_metrics(input).size(), std::size_t{4} << 20);
  input.streams = streams(1001);
  input.streams[5].closes[static_cast<std::size_t>(stream::CloseReason::kIdle)] = 3;
  const std::string page = render_metrics(input);
  EXPECT_TRUE(has(page, "plotbridge_stream_closes_total{stream=\"stream5\",reason=\"idle\"} 3\n"));
  EXPECT_FALSE(has(page, "plotbridge_stream_closes_total{stream=\"stream6\""));
  EXPECT_TRUE(has(page, "plotbridge_all_stream_closes_total{reason=\"idle\"} 3\n"));
}

TEST(Metrics, AreSilentOnAnEndpointOfSomebodyElse) {
  EXPECT_FALSE(has(render_metrics({}), "plotbridge_endpoint_"));
}

}  // namespace
}  // namespace plotbridge::app
