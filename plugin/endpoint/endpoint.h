// The built-in endpoint without its sockets: streams come in, plots and their feeds come out.
// Leaves to others: HTTP (http/endpoint_server), the body of one POST (upload.h). Belongs to the
// server loop: one thread at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/accounts.h"
#include "plugin/endpoint/endpoint_options.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/journal.h"
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/part_reader.h"
#include "plugin/endpoint/plot.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/position_book.h"
#include "plugin/endpoint/saved_state.h"
#include "plugin/endpoint/status.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/uptime_clock.h"
#include "plugin/model/protocol.h"
#include "plugin/model/secret.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace plotbridge::endpoint {

class Endpoint {
 public:
  explicit Endpoint(Options options);

  /// Who numbers his lines says whose they are.
  struct Numbering {
    std::string_view producer;
    std::uint32_t epoch = 0;  // a higher one of the same producer is a newer one
    std::uint64_t first = 0;  // the offset of the first line
  };
  struct Wish {
    std::optional<Numbering> numbering = {};
    bool polite = false;  // rather refused than somebody else's eviction
  };

  /// What became of an attempt to open a stream.
  struct Opening {
    Status status = Status::kDone;        // anything else is a refusal, and the end
    StreamId stream = 0;                  // when not refused
    std::optional<ConnectionId> evicted;  // who held the token until now, to be told so
    Status evicted_with = Status::kEvicted;
    bool evicted_itself = false;   // it was an older connection of the same producer
    Position* position = nullptr;  // of who numbers his lines; to be left in the end
  };
  Opening open_stream(std::string_view token, ConnectionId connection, TimePoint now,
                      const Wish& wish);
  Opening open_stream(std::string_view token, ConnectionId connection, TimePoint now) {
    return open_stream(token, connection, now, Wish());
  }

  /// Which of a producer's lines cannot be lost any more; whether he could open the stream.
  struct Standing {
    Status status = Status::kDone;
    std::span<const OffsetRange> have = {};  // until something is changed
  };
  Standing standing(std::string_view token, std::string_view producer) const;

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

  /// What changed since the last call, to be written down; see StateChanges::whole for what belongs
  /// to one transaction.
  StateChanges take_changes();
  /// The transaction is kept.
  void changes_kept();
  /// It could not be written: what was in it comes again.
  void changes_failed();
  Journal& journal() { return journal_; }
  /// Whether changes are written down at all.
  bool keeps() const { return journal_.on(); }
  /// What outlasts what is acknowledged, as the protocol says it: "memory" nothing, "process" the
  /// end of this process, "disk" that of the machine.
  std::string_view durability() const {
    if (!keeps()) return "memory";
    return synced_ ? "disk" : "process";
  }

  /// Some bytes of body came, a line or a heartbeat.
  void hear(StreamId stream, TimePoint now) { streams_[stream].last_heard = now; }

  /// Whether the connection held the stream until now.
  bool close_stream(StreamId stream, ConnectionId connection);

  /// The connections that were silent for the idle timeout; each is to be ended with kIdle and
  /// closed.
  std::vector<ConnectionId> expire_idle(TimePoint now) const;

  /// The connections of streams whose token no plot has any more and nothing else knows: what they
  /// send would go nowhere. Each is to be ended with kNotOfThisPlot.
  std::vector<ConnectionId> without_plot() const;

  /// Why there is no room for a figure that came by REST: PlotBook::no_room, or among the streams
  /// for its tokens, for which others may be forgotten. Empty: there is.
  std::string_view no_room(const Figure& figure, const Plot* replaced, const Plot* extended);

  /// Whether its token says something of who sends it: the configuration or somebody's plot has it,
  /// or no other is taken.
  bool knows(StreamId stream) const {
    return !open_ || streams_[stream].announced || plots_.is_shown_by_intent(stream);
  }

  Duration idle_timeout() const { return idle_timeout_; }
  const LocalTime& local_time() const { return local_time_; }
  const std::string& stream_name(StreamId stream) const { return streams_[stream].name; }
  const StreamTable& streams() const { return streams_; }
  StreamTable& streams() { return streams_; }
  PositionBook& positions() { return positions_; }
  const PositionBook& positions() const { return positions_; }
  PlotBook& plots() { return plots_; }
  GridBook& grids() { return grids_; }
  const Accounts& accounts() const { return accounts_; }

  /// Nothing when there is no such plot.
  Plot* plot(PlotId id) { return plots_.find(id); }
  /// The bodies of docs/page_api.md.
  std::shared_ptr<PartReader> read_plots(PlotId after = 0);
  std::string status_json(const Plot& plot, TimePoint now);

 private:
  struct Admission {
    Status status = Status::kDone;
    std::optional<StreamId> stream = {};       // nothing: it would be a new one
    std::optional<StreamId> in_place_of = {};  // that would be forgotten for it
  };
  Admission admit(std::string_view token) const;
  bool is_welcome(StreamId stream) const {
    return open_ || streams_[stream].announced || plots_.shows(stream);
  }
  bool is_nobodys(StreamId stream) const;
  std::optional<StreamId> to_forget() const;
  std::string_view make_room_for_tokens(std::size_t count,
                                        const std::unordered_set<StreamId>& but_for);
  void forget(StreamId stream);
  Status judge(std::optional<StreamId> stream, const Position* known, const Wish& wish) const;
  void note(StreamId stream, std::string_view line);
  void note_all();

  bool open_;
  Duration idle_timeout_;
  bool synced_;
  LocalTime local_time_;
  StreamTable streams_;
  Journal journal_;
  PositionBook positions_;
  PlotBook plots_;
  GridBook grids_;
  Accounts accounts_;
  LineParser parser_;
  std::size_t parts_ = 0;     // of the transaction so far
  std::vector<FileId> gone_;  // that it takes away
};

}  // namespace plotbridge::endpoint
