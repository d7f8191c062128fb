#include "plugin/app/stream_report.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/utf8.h"

#include <string>
#include <vector>

namespace plotbridge::app {
namespace {

using stream::CloseReason;
using stream::State;

constexpr std::size_t kShownOfALine = 200;  // bytes

std::string why(const stream::Actions& actions, const stream::Ending* ending) {
  if (!actions.closed) {
    return ending != nullptr ? stream::describe(*ending) + "; looking why" : std::string();
  }
  const auto& closed = *actions.closed;
  std::string text;
  text += std::string(to_text(closed.reason)) + ": ";
  text += stream::describe(closed.ending);
  if (!closed.because.empty()) text += ", " + closed.because;
  return text;
}

std::string seconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

void report_stream(Outbox& outbox, std::size_t stream, std::string_view name,
                   const stream::Actions& actions, const stream::Ending* ending, Duration next_in,
                   ReportedChanges& reported, TimePoint now) {
  if (!actions.transition && !actions.closed) return;
  const WallTime at = wall_now();
  State from{}, to{};
  outbox.update(stream, [&](StreamStatus& status) {
    from = status.state;
    if (actions.transition) {
      status.state = actions.transition->to;
      status.since = at;
    }
    to = status.state;
    if (!actions.closed) return;
    const auto& closed = *actions.closed;
    ++status.closes[static_cast<std::size_t>(closed.reason)];
    status.last_close = {closed.reason, stream::describe(closed.ending), at};
  });

  // The answer to an end of our own is as it should be.
  const bool wanted = to == State::kIdle || (!actions.closed && ending == nullptr) ||
                      (actions.closed && actions.closed->reason == CloseReason::kDone);
  const auto suppressed = reported.admit(wanted, now);
  if (!suppressed) return;
  std::vector<log::Field> fields = {
      {"stream", name}, {"from", stream::to_text(from)}, {"to", stream::to_text(to)}};
  if (const std::string text = why(actions, ending); !text.empty()) fields.push_back({"why", text});
  if (actions.closed && !wanted) {
    const auto& closed = *actions.closed;
    if (const std::string advice = stream::advice(closed.reason, closed.ending); !advice.empty()) {
      fields.push_back({"hint", advice});
    }
  }
  const bool waits = to == State::kWaiting || to == State::kStandby || to == State::kParked;
  if (waits && next_in != Duration::max()) fields.push_back({"again_in", seconds(next_in)});
  if (*suppressed > 0) fields.push_back({"suppressed", *suppressed});
  log::write_collected(wanted ? log::Level::kInfo : log::Level::kWarning, "stream changed", fields);
}

void report_no_acknowledgements() {
  log::warning(
      "no acknowledgements",
      {{"why", "the endpoint does not say that it gives any: it is no plotbridge, or an older one"},
       {"action", "lines are taken for delivered when the endpoint's TCP has them"},
       {"hint",
        "check endpoint.url; if lines must not be lost, stream to a plotbridge that is as new "
        "as this one"}});
}

void report_durability(bool loses_with_power) {
  if (!loses_with_power) {
    log::info("the endpoint acknowledges lines when they are synced to its disk");
    return;
  }
  log::info("the endpoint acknowledges lines before its disk has them",
            {{"action", "lines stay in the spool for 60 s more, as spool.durability is power"},
             {"hint", "set server.durability: power where the endpoint runs"}});
}

void report_odd_acknowledgement(Outbox& outbox, std::size_t stream, std::string_view name,
                                std::uint64_t offset) {
  bool first = false;
  outbox.update(stream,
                [&first](StreamStatus& status) { first = status.odd_acknowledgements++ == 0; });
  if (!first) return;
  log::warning("acknowledgement ignored",
               {{"stream", name},
                {"offset", offset},
                {"why", "the endpoint acknowledged a line that it was never sent"},
                {"hint",
                 "see whether something between here and the endpoint mixes connections up; "
                 "further ones are counted in /status"}});
}

void report_refused_line(Outbox& outbox, std::size_t stream, const RefusedLine& refused) {
  std::string_view line = refused.line;
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::string shown(whole_characters(line, kShownOfALine));
  outbox.update(stream, [&](StreamStatus& status) {
    ++status.discarded[static_cast<std::size_t>(Discarded::kBadData)];
    status.last_put_aside = {refused.at, refused.why, shown};
  });
  log::warning("line put aside",
               {{"stream", refused.stream},
                {"why", refused.why},
                {"line", shown},
                {"hint",
                 "see what is wrong with it: the routes of this stream made it; it is kept in "
                 "the quarantine of spool.directory, if that is set"}});
}

}  // namespace plotbridge::app
