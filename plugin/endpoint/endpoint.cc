#include "plugin/endpoint/endpoint.h"

#include "plugin/endpoint/file_record.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/line_batch.h"
#include "plugin/endpoint/plot_json.h"
#include "plugin/endpoint/set_up.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace plotbridge::endpoint {
namespace {

// Longer ones are nobody's token: the ones of Chart Studio have ten characters.
constexpr std::size_t kMaxTokenBytes = 256;
// Of the first part of a transaction. Each next one may have twice as much, so that it comes to its
// end however fast new lines come.
constexpr std::size_t kMostRecordBytes = std::size_t{16} << 20;
// A last value beyond this is no number to show beside a trace.
constexpr std::size_t kMaxLastBytes = 256;

std::string_view last_y(const LineUpdate& update) {
  for (const auto& entry : update.point) {
    if (entry.path == "y") return entry.json;
  }
  std::string_view last;
  for (const auto& entry : update.columns) {
    if (entry.path != "y") continue;
    for_each_element(entry.json, [&last](std::string_view json) { last = json; });
  }
  return last;
}

}  // namespace

Endpoint::Endpoint(Options options)
    : open_(options.open),
      idle_timeout_(options.idle_timeout),
      synced_(options.synced),
      local_time_(std::move(options.local_time)),
      streams_(options.max_streams),
      positions_(streams_, journal_),
      plots_(options.max_window_bytes, journal_),
      grids_([this](FileId id) { journal_.note_file(id); }),
      accounts_(std::move(options.accounts)) {
  set_up(options, streams_, plots_, grids_);
  if (!options.saved) return;
  // All of it once: the records then have every line, and what is not there any more is gone.
  std::uint64_t batch = options.saved->lines.empty() ? 0 : options.saved->lines.back().batch;
  for (const SavedFile& file : options.saved->files) batch = std::max(batch, file.through);
  journal_.start(batch);
  for (const SavedFile& file : options.saved->files) journal_.note_file(file.id);
  note_all();
  for (const SavedPosition& position : options.saved->positions) {
    // Its plot may have gone to another stream while its client goes on.
    if (open_) streams_.add("", position.key.token);
    positions_.restore(position);
  }
}

Endpoint::Admission Endpoint::admit(std::string_view token) const {
  if (token.empty()) return {Status::kMissingToken};
  const auto stream = streams_.find(token);
  if (!stream && (!open_ || token.size() > kMaxTokenBytes)) return {Status::kUnknownToken};
  if (stream && !is_welcome(*stream)) return {Status::kNotOfThisPlot};
  if (stream || !streams_.full()) return {Status::kDone, stream};
  const auto forgotten = to_forget();
  return {forgotten ? Status::kDone : Status::kDatabaseError, {}, forgotten};
}

// Nobody has announced it or made a plot for it, and nothing has its number but its own plot and
// its producers. What it sent stands in the list of changes by its number until it is taken.
bool Endpoint::is_nobodys(StreamId stream) const {
  return !plots_.is_shown_by_intent(stream) && !journal_.has_lines(stream);
}

// For another guest none goes on which a producer counts.
std::optional<StreamId> Endpoint::to_forget() const {
  const auto found = streams_.longest_silent(
      1, [this](StreamId stream) { return is_nobodys(stream) && !positions_.has_any(stream); });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

void Endpoint::forget(StreamId stream) {
  positions_.forget(stream);
  plots_.forget(stream);
  streams_.forget(stream);
}

std::string_view Endpoint::no_room(const Figure& figure, const Plot* replaced,
                                   const Plot* extended) {
  const std::string_view why = plots_.no_room(figure, replaced, extended);
  if (!why.empty()) return why;
  std::unordered_map<std::string_view, std::size_t> traces;  // by token
  std::unordered_set<StreamId> its_own;
  std::size_t new_tokens = 0;
  for (const FigureTrace& trace : figure.traces) {
    if (trace.token.empty()) continue;
    const auto known = streams_.find(trace.token);
    const std::size_t of_token = ++traces[trace.token];
    if (known) its_own.insert(*known);
    if (!known && of_token == 1) ++new_tokens;
    const std::size_t before = known && extended ? plots_.traces_of(*known, *extended) : 0;
    if (before + of_token > Figure::kMaxTracesOfStream) {
      return "a stream feeds at most 16 traces of a plot: give some of them a token of their own";
    }
  }
  return make_room_for_tokens(new_tokens, its_own);
}

// Somebody with a key is asked for them: those that nobody announced go, at last those, too, whose
// producers count on their numbers.
std::string_view Endpoint::make_room_for_tokens(std::size_t count,
                                                const std::unordered_set<StreamId>& but_for) {
  if (count <= streams_.room()) return {};
  const std::size_t missing = count - streams_.room();
  std::vector<StreamId> found;
  for (const bool numbered : {false, true}) {
    std::ranges::copy(streams_.longest_silent(missing - found.size(),
                                              [&](StreamId stream) {
                                                return !but_for.contains(stream) &&
                                                       is_nobodys(stream) &&
                                                       positions_.has_any(stream) == numbered &&
                                                       !positions_.in_use(stream);
                                              }),
                      std::back_inserter(found));
  }
  if (found.size() < missing) {
    return "there are too many streams: take tokens that are known already";
  }
  for (const StreamId stream : found) forget(stream);
  return {};
}

Status Endpoint::judge(std::optional<StreamId> stream, const Position* known,
                       const Wish& wish) const {
  if (wish.numbering && known != nullptr && wish.numbering->epoch < known->epoch) {
    return Status::kFenced;
  }
  if (wish.polite && stream &&
      streams_.held_by_another(*stream, known == nullptr ? 0 : known->id)) {
    return Status::kEvicted;
  }
  return Status::kDone;
}

Endpoint::Opening Endpoint::open_stream(std::string_view token, ConnectionId connection,
                                        TimePoint now, const Wish& wish) {
  Opening opening;
  auto [status, stream, in_place_of] = admit(token);
  opening.status = status;
  if (status != Status::kDone) return opening;
  const Position* const known =
      stream && wish.numbering ? positions_.find(*stream, wish.numbering->producer) : nullptr;
  const bool replaces = known != nullptr && wish.numbering->epoch > known->epoch;
  opening.status = judge(stream, known, wish);
  if (opening.status != Status::kDone) return opening;
  if (!stream) {
    if (in_place_of) forget(*in_place_of);
    stream = streams_.add("", token);
  }
  opening.stream = *stream;
  const ProducerId producer = known == nullptr ? 0 : known->id;
  const bool itself = streams_[*stream].holder && !streams_.held_by_another(*stream, producer);
  const StreamTable::Claim claim = streams_.claim(*stream, connection, now, producer);
  if (!claim.granted) {
    opening.status = Status::kEvicted;
    return opening;
  }
  plots_.ensure_plot(*stream, streams_[*stream].name);
  opening.evicted = claim.evicted;
  opening.evicted_itself = itself;
  if (itself && replaces) opening.evicted_with = Status::kFenced;
  if (!wish.numbering) return opening;
  opening.position = &positions_.use(*stream, wish.numbering->producer, wish.numbering->epoch, now);
  streams_[*stream].holder_is = opening.position->id;
  return opening;
}

Endpoint::Standing Endpoint::standing(std::string_view token, std::string_view producer) const {
  const Admission admission = admit(token);
  if (admission.status != Status::kDone || !admission.stream) return {admission.status};
  const Position* const known = positions_.find(*admission.stream, producer);
  if (known == nullptr) return {};
  // What a producer is told must be true after a crash, too.
  return {Status::kDone, positions_.kept(*known).ranges()};
}

Endpoint::Taken Endpoint::take_line(StreamId stream, std::string_view line, TimePoint now) {
  const LineUpdate* const update = read_line(line);
  return update == nullptr ? Taken::kBad : apply(stream, *update, line, now);
}

Endpoint::Taken Endpoint::apply(StreamId stream, const LineUpdate& update, std::string_view line,
                                TimePoint now) {
  if (journal_.on()) note(stream, line);
  StreamState& state = streams_[stream];
  ++state.lines;
  state.last_line = now;
  state.rate.count(now);
  if (const std::string_view y = last_y(update); !y.empty() && y.size() <= kMaxLastBytes) {
    state.last_y.assign(y);
  }
  return plots_.apply(stream, update) ? Taken::kWhole : Taken::kInPart;
}

void Endpoint::note(StreamId stream, std::string_view line) {
  if (!line.empty() && journal_.note_line(stream, line)) return;
  plots_.each_of(stream, [this](const Plot& plot) { plots_.note(plot); });
}

void Endpoint::note_all() {
  plots_.each([this](const Plot& plot) { plots_.note(plot); });
  grids_.each([this](const Grid& grid) { journal_.note_file(grid.id); });
}

StateChanges Endpoint::take_changes() {
  StateChanges changes;
  if (journal_.empty()) return changes;
  changes.batch = journal_.next_batch();
  journal_.take_lines([&](StreamId stream, std::string_view lines) {
    append_lines(streams_[stream].token.reveal(), lines, changes.entries);
    plots_.each_of(stream,
                   [&](const Plot& plot) { journal_.add_unsaved(plot.id(), changes.batch); });
  });
  const std::size_t most_bytes = kMostRecordBytes << std::min<std::size_t>(parts_, 8);
  for (std::size_t bytes = 0; bytes < most_bytes;) {
    const auto id = journal_.take_file();
    if (!id) break;
    std::string record;
    if (const Plot* const plot = plots_.find(*id)) {
      record = record_of(*plot, streams_);
    } else if (const Grid* const grid = grids_.find(*id)) {
      record = record_of(*grid);
    } else {
      changes.gone.push_back(*id);
      gone_.push_back(*id);
      continue;
    }
    bytes += record.size();
    changes.files.push_back({*id, changes.batch, std::move(record)});
  }
  changes.ticket = journal_.taken();
  changes.whole = !journal_.has_files();
  ++parts_;
  // With the last part: then everything that they count is in the transaction, and nothing else.
  if (changes.whole) {
    positions_.take(changes);
    journal_.take_positions();
  }
  changes.forget_before = journal_.keep_batch(changes.batch, changes.entries.size());
  return changes;
}

void Endpoint::changes_kept() {
  positions_.taken_are_kept();
  gone_.clear();
  parts_ = 0;
}

void Endpoint::changes_failed() {
  for (const FileId id : gone_) journal_.note_file(id);
  gone_.clear();
  parts_ = 0;
  note_all();
  positions_.taken_have_failed();
}

bool Endpoint::close_stream(StreamId stream, ConnectionId connection) {
  return streams_.release(stream, connection);
}

std::vector<ConnectionId> Endpoint::expire_idle(TimePoint now) const {
  return streams_.silent_since(now - idle_timeout_);
}

std::vector<ConnectionId> Endpoint::without_plot() const {
  return streams_.holders_of([this](StreamId stream) { return !is_welcome(stream); });
}

std::shared_ptr<PartReader> Endpoint::read_plots(PlotId after) {
  return endpoint::read_plots(plots_, streams_, after);
}

std::string Endpoint::status_json(const Plot& plot, TimePoint now) {
  return plot_status_json(plot, streams_, now);
}

}  // namespace plotbridge::endpoint
