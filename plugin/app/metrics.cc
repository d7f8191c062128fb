#include "plugin/app/metrics.h"

#include "plugin/app/version.h"
#include "plugin/base/log.h"
#include "plugin/stream/close_reason.h"
#include "plugin/stream/connection_table.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace plotbridge::app {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Page {
 public:
  /// What is added from now on belongs to this metric.
  void family(std::string name, std::string help, MetricType type) {
    families_.push_back({std::move(name), std::move(help), type, {}});
  }
  void counter(std::string name, std::string help) {
    family(std::move(name), std::move(help), MetricType::Counter);
  }
  void gauge(std::string name, std::string help) {
    family(std::move(name), std::move(help), MetricType::Gauge);
  }
  template <class Number>
  void add(Labels labels, Number value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = metric.gauge.value = static_cast<double>(value);
    families_.back().metric.push_back(std::move(metric));
  }
  void add(const DeliveryHistogram& histogram) {
    ClientMetric metric;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      total += histogram.counts[i];
      const double bound = i < DeliveryHistogram::kBounds.size()
                               ? DeliveryHistogram::kBounds[i]
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({total, bound});
    }
    metric.histogram.sample_count = total;
    metric.histogram.sample_sum = histogram.sum_seconds;
    families_.back().metric.push_back(std::move(metric));
  }

  std::string text() const { return prometheus::TextSerializer().Serialize(families_); }

 private:
  std::vector<MetricFamily> families_;
};

Labels stream_label(const StreamStatus& stream) { return {{"stream", stream.name}}; }

void add_broker(Page& page, const BrokerStatus& broker) {
  page.gauge("plotbridge_mqtt_connection_up", "1 while the broker is connected.");
  page.add({}, broker.connected ? 1 : 0);
  page.counter("plotbridge_mqtt_reconnects_total", "Connections to the broker after the first.");
  page.add({}, broker.reconnects);
  page.counter("plotbridge_mqtt_lost_sessions_total",
               "Sessions that the broker was to keep and had forgotten.");
  page.add({}, broker.lost_sessions);
  page.counter("plotbridge_mqtt_oversize_messages_total",
               "Messages dropped because they were larger than broker.max_payload.");
  page.add({}, broker.oversize_messages);
}

void add_pipeline(Page& page, const PipelineCounts& pipeline) {
  page.counter("plotbridge_mqtt_received_messages_total", "Messages that a route took.");
  for (const auto& route : pipeline.routes) page.add({{"route", route.topic}}, route.messages);
  page.counter("plotbridge_unrouted_messages_total",
               "Messages without a route, or whose stream is not configured.");
  page.add({}, pipeline.unrouted);
  page.counter("plotbridge_decode_errors_total", "Messages that could not be decoded.");
  for (const auto& route : pipeline.routes) {
    auto errors = route.decode_errors;
    for (const std::string_view kind : route.error_kinds) errors.emplace(kind, 0);
    for (const auto& [error, count] : errors) {
      page.add({{"route", route.topic}, {"error", error}}, count);
    }
  }
  page.counter("plotbridge_filtered_points_total",
               "Points that a route's `when` or `deadband` left out.");
  for (const auto& route : pipeline.routes) {
    page.add({{"route", route.topic}, {"by", "when"}}, route.filtered_when);
    page.add({{"route", route.topic}, {"by", "deadband"}}, route.filtered_deadband);
  }
  page.gauge("plotbridge_cached_topics", "Topics whose routes are remembered.");
  page.add({}, pipeline.cached_topics);
  page.gauge("plotbridge_state_bytes", "Memory for names that publishers chose.");
  page.add({}, pipeline.state_bytes);
  page.counter("plotbridge_state_evictions_total",
               "Names that were forgotten for others, new ones first.");
  for (std::size_t kind = 0; kind < pipeline.state_evictions.size(); ++kind) {
    page.add({{"kind", std::string(StateMemory::kKindTexts[kind])}},
             pipeline.state_evictions[kind]);
  }
}

// A series that appears with its first event has no rate for it, so that each is there from the
// start; for so many streams at most, beyond which a page would have more than ten thousands of
// lines that say 0.
constexpr std::size_t kStreamsWithEachReason = 1000;

struct ByReason {
  std::string name;
  std::string name_of_all;
  std::string help;
};

/// A counter of each stream and reason, and one over all streams, which always has each reason.
template <class Count, class Text>
void add_by_reason(Page& page, const std::vector<StreamStatus>& streams, const ByReason& what,
                   std::size_t reasons, const Count& count, const Text& text_of) {
  std::vector<std::uint64_t> totals(reasons);
  page.counter(what.name, what.help);
  for (const StreamStatus& stream : streams) {
    for (std::size_t i = 0; i < reasons; ++i) {
      const std::uint64_t events = count(stream, i);
      totals[i] += events;
      if (events == 0 && streams.size() > kStreamsWithEachReason) continue;
      page.add({{"stream", stream.name}, {"reason", std::string(text_of(i))}}, events);
    }
  }
  page.counter(what.name_of_all, what.help + " Of all streams together.");
  for (std::size_t i = 0; i < reasons; ++i) {
    page.add({{"reason", std::string(text_of(i))}}, totals[i]);
  }
}

void add_streams(Page& page, const std::vector<StreamStatus>& streams) {
  page.gauge("plotbridge_queue_lines", "Lines waiting in memory.");
  for (const auto& stream : streams) page.add(stream_label(stream), stream.queued);
  page.gauge("plotbridge_spooled_lines", "Lines waiting on disk alone.");
  for (const auto& stream : streams) page.add(stream_label(stream), stream.spooled);
  add_by_reason(
      page, streams,
      {"plotbridge_discarded_lines_total", "plotbridge_all_discarded_lines_total",
       "Lines that never reached the endpoint."},
      kDiscardedTexts.size(),
      [](const StreamStatus& stream, std::size_t i) { return stream.discarded[i]; },
      [](std::size_t i) { return kDiscardedTexts[i]; });
  page.gauge("plotbridge_stream_state", "1 for the state that the stream is in, 0 for the others.");
  for (const auto& stream : streams) {
    for (const stream::State state : stream::kAllStates) {
      page.add({{"stream", stream.name}, {"state", std::string(stream::to_text(state))}},
               stream.state == state ? 1 : 0);
    }
  }
  page.counter("plotbridge_stream_opens_total", "Connections dialled.");
  for (const auto& stream : streams) page.add(stream_label(stream), stream.opens);
  add_by_reason(
      page, streams,
      {"plotbridge_stream_closes_total", "plotbridge_all_stream_closes_total",
       "Connections and attempts that ended, by reason."},
      stream::kCloseReasons,
      [](const StreamStatus& stream, std::size_t i) { return stream.closes[i]; },
      [](std::size_t i) { return stream::to_text(static_cast<stream::CloseReason>(i)); });
  page.counter("plotbridge_stream_sent_lines_total", "Lines handed to the connection.");
  for (const auto& stream : streams) page.add(stream_label(stream), stream.sent_lines);
  page.counter("plotbridge_stream_heartbeats_total", "Newlines sent to keep a silent stream open.");
  for (const auto& stream : streams) page.add(stream_label(stream), stream.heartbeats);
}

void add_spool(Page& page, const queue::LineStore::Gauges& spool) {
  page.gauge("plotbridge_spool_bytes", "Size of the spool on disk.");
  page.add({}, spool.bytes);
  page.gauge("plotbridge_spool_oldest_age_seconds",
             "Age of the oldest line in the spool that has not arrived.");
  page.add({}, std::chrono::duration<double>(spool.oldest_age).count());
  page.gauge("plotbridge_spool_degraded",
             "1 while the disk takes no lines, so that they are in memory alone.");
  page.add({}, spool.degraded ? 1 : 0);
  page.counter("plotbridge_spool_damaged_records_total",
               "Records of earlier runs that could not be read.");
  page.add({}, spool.damaged);
  page.counter("plotbridge_spool_failed_syncs_total",
               "Times that the disk failed to make lines safe from a power cut.");
  page.add({}, spool.failed_syncs);
}

void add_limits(Page& page, const std::array<std::uint64_t, http::kConnectionEnds>& limits) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    page.add({{"reason", std::string(http::name_of(static_cast<http::ConnectionEnd>(i)))}},
             limits[i]);
  }
}

void add_admin(Page& page, const http::HttpServerStats& admin) {
  page.gauge("plotbridge_admin_connections", "Open connections of the admin pages.");
  page.add({}, admin.connections);
  page.gauge("plotbridge_admin_connection_bytes", "Memory that they hold.");
  page.add({}, admin.bytes);
  page.counter("plotbridge_admin_limited_total",
               "Connections ended or refused for a limit's sake, by limit.");
  add_limits(page, admin.limits);
}

void add_endpoint(Page& page, const http::EndpointStats& endpoint) {
  page.gauge("plotbridge_endpoint_connections", "Open connections, of streams and of pages.");
  page.add({}, endpoint.connections);
  page.gauge("plotbridge_endpoint_streams_open", "Tokens that are connected.");
  page.add({}, endpoint.streams_open);
  page.gauge("plotbridge_endpoint_streams_known", "Tokens that are known, connected or not.");
  page.add({}, endpoint.streams_known);
  page.gauge("plotbridge_endpoint_watchers", "Pages that draw live.");
  page.add({}, endpoint.watchers);
  page.gauge("plotbridge_endpoint_unproved_connections",
             "Of the open connections, those without a token or key that is known.");
  page.add({}, endpoint.unproved_connections);
  page.gauge("plotbridge_endpoint_waiting_readers",
             "Of those, the ones that wait for their turn to be sent something large.");
  page.add({}, endpoint.waiting_readers);
  page.counter("plotbridge_endpoint_reader_turns_total",
               "Parts of something large that were made for connections without a token or key.");
  page.add({}, endpoint.reader_turns);
  page.gauge("plotbridge_endpoint_connection_bytes",
             "Memory that connections hold: heads, bodies, lines without an end, answers.");
  page.add({}, endpoint.connection_bytes);
  page.gauge("plotbridge_endpoint_unproved_bytes",
             "Of this, what connections hold that have no token or key that is known.");
  page.add({}, endpoint.unproved_bytes);
  page.gauge("plotbridge_endpoint_window_bytes",
             "Memory for the data, the styles and the layouts of all plots.");
  page.add({}, endpoint.window_bytes);
  page.gauge("plotbridge_endpoint_figure_bytes",
             "Memory for plots that came by REST, without their data.");
  page.add({}, endpoint.figure_bytes);
  page.gauge("plotbridge_endpoint_grid_bytes", "Memory for grids that came by REST.");
  page.add({}, endpoint.grid_bytes);
  page.gauge("plotbridge_endpoint_position_ranges",
             "Ranges of offsets of producers' lines, beyond one for each producer and stream.");
  page.add({}, endpoint.further_ranges);
  page.gauge("plotbridge_endpoint_state_degraded",
             "1 while plots, windows and positions cannot be written to server.state.");
  page.add({}, endpoint.state_failing ? 1 : 0);
  page.counter("plotbridge_endpoint_lines_total", "Lines taken.");
  page.add({}, endpoint.lines);
  page.counter("plotbridge_endpoint_skipped_lines_total",
               "Lines that came again and were skipped.");
  page.add({}, endpoint.skipped_lines);
  page.counter("plotbridge_endpoint_evictions_total",
               "Connections whose token was taken by another client.");
  page.add({}, endpoint.evictions);
  page.counter("plotbridge_endpoint_refused_requests_total", "Requests that came to nothing.");
  page.add({}, endpoint.refused);
  page.counter("plotbridge_endpoint_limited_total",
               "Connections ended or refused for a limit's sake, by limit.");
  add_limits(page, endpoint.limits);
  page.counter("plotbridge_endpoint_wrong_keys_total", "Requests with a wrong key.");
  page.add({}, endpoint.wrong_keys);
  page.gauge("plotbridge_endpoint_late_answers", "Answers to wrong keys that wait.");
  page.add({}, endpoint.late_answers);
  page.counter("plotbridge_endpoint_forwarded_requests_total",
               "Requests that a proxy brought where nobody is asked for a key.");
  page.add({}, endpoint.forwarded);
  page.counter("plotbridge_endpoint_rest_changes_total", "Plots and grids changed by REST.");
  for (std::size_t i = 0; i < http::kFileChanges; ++i) {
    const auto change = http::name_of(static_cast<http::FileChange>(i));
    page.add({{"change", std::string(change)}}, endpoint.changes[i]);
  }
  page.counter("plotbridge_endpoint_closes_total", "Streams that ended, by reason.");
  for (std::size_t i = 0; i < endpoint.closes.size(); ++i) {
    const auto reason = http::name_of(static_cast<http::StreamEnd>(i));
    page.add({{"reason", std::string(reason)}}, endpoint.closes[i]);
  }
}

}  // namespace

std::string render_metrics(const MetricsInput& input) {
  Page page;
  page.gauge("plotbridge_build_info", "Which release runs.");
  page.add({{"version", std::string(version())}}, 1);
  if (input.broker) add_broker(page, *input.broker);
  if (input.pipeline) add_pipeline(page, *input.pipeline);
  add_streams(page, input.streams);
  page.gauge("plotbridge_queue_memory_bytes", "Memory that all queues together hold.");
  page.add({}, input.queue_memory);
  if (input.spool) add_spool(page, *input.spool);
  if (input.endpoint) add_endpoint(page, *input.endpoint);
  page.counter("plotbridge_log_dropped_lines_total",
               "Log lines that standard error did not take in time.");
  page.add({}, log::dropped_lines());
  if (input.admin) add_admin(page, *input.admin);
  page.family("plotbridge_delivery_seconds", "Time of a line from MQTT to the socket.",
              MetricType::Histogram);
  page.add(input.deliveries);
  return page.text();
}

}  // namespace plotbridge::app
