// The built-in endpoint without its sockets: streams come in, plots and their feeds come out.
// Leaves to others: HTTP (http/endpoint_server), the body of one POST (upload.h). Belongs to the
// server loop: one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/accounts.h"
#include "plugin/endpoint/endpoint_options.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/journal.h"
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/saved_state.h"
#include "plugin/endpoint/status.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/uptime_clock.h"
#include "plugin/model/protocol.h"
#include "plugin/model/secret.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

class Endpoint {
 public:
  explicit Endpoint(Options options);

  /// What became of an attempt to open a stream.
  struct Opening {
    Status status = Status::kDone;        // anything else is a refusal, and the end
    StreamId stream = 0;                  // when not refused
    std::optional<ConnectionId> evicted;  // who held the token until now, to be told so
  };
  Opening open_stream(std::string_view token, ConnectionId connection, TimePoint now);

  enum class Taken : std::uint8_t {
    kWhole,
    kInPart,  // some columns, style or layout beyond the limits were left out
    kBad,     // not one JSON object
  };
  /// One line without its newline, not blank. Null: it is not one JSON object. Valid until the next
  /// call, while the line lives.
  LineUpdate* read_line(std::string_view line) { return parser_.parse(line); }
  /// What a line of the stream says takes effect. `line` as it came; empty when the update is not
  /// what it says any more.
  Taken apply(StreamId stream, const LineUpdate& update, std::string_view line, TimePoint now);
  /// Both.
  Taken take_line(StreamId stream, std::string_view line, TimePoint now);

  /// What changed since the last call, to be written down by one transaction.
  StateChanges take_changes();
  /// They could not be written: what was in them comes again.
  void changes_failed(const StateChanges& changes);
  Journal& journal() { return journal_; }

  /// Some bytes of body came, a line or a heartbeat.
  void hear(StreamId stream, TimePoint now) { streams_[stream].last_heard = now; }

  /// Whether the connection held the stream until now.
  bool close_stream(StreamId stream, ConnectionId connection);

  /// The connections that were silent for the idle timeout; each is to be ended with kIdle and
  /// closed.
  std::vector<ConnectionId> expire_idle(TimePoint now) const;

  Duration idle_timeout() const { return idle_timeout_; }
  const LocalTime& local_time() const { return local_time_; }
  const std::string& stream_name(StreamId stream) const { return streams_[stream].name; }
  const StreamTable& streams() const { return streams_; }
  StreamTable& streams() { return streams_; }
  PlotBook& plots() { return plots_; }
  GridBook& grids() { return grids_; }
  const Accounts& accounts() const { return accounts_; }

  /// Nothing when there is no such plot.
  Plot* plot(PlotId id) { return plots_.find(id); }
  /// The bodies of docs/page_api.md.
  std::string plots_json(TimePoint now);
  std::string status_json(const Plot& plot, TimePoint now);

 private:
  void note(StreamId stream, std::string_view line);
  void note_all();

  bool open_;
  Duration idle_timeout_;
  LocalTime local_time_;
  StreamTable streams_;
  Journal journal_;
  PlotBook plots_;
  GridBook grids_;
  Accounts accounts_;
  LineParser parser_;
};

}  // namespace plotbridge::endpoint
