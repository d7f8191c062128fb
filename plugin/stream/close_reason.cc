#include "plugin/stream/close_reason.h"

namespace plotbridge::stream {
namespace {

using std::chrono_literals::operator""s;

// Endpoints end a stream after 60 s of silence; what ends after 55 s of it ended for that.
constexpr Duration kSilentForIdle = 55s;
constexpr Duration kGatewayAnswersWithin = 1s;

// The table of texts that Plotly published for its streaming statuses.
std::string_view published_text(int status) {
  switch (status) {
    case 200:
      return "healthy endpoint disconnect";
    case 308:
      return "stream had ended";
    case 400:
      return "invalid or malformed request syntax";
    case 401:
      return "not authorised";
    case 403:
      return "stream token no longer associated with this plot";
    case 404:
      return "streamtoken not registered or valid";
    case 405:
      return "bad request method: use POST for streaming";
    case 406:
      return "bad request header: missing 'plotly-streamtoken'";
    case 408:
      return "timeout on active data";
    case 409:
      return "conflict with another connection";
    case 413:
      return "too large";
    case 422:
      return "json parse error";
    case 423:
      return "connection limit associated with this token has been reached";
    case 429:
      return "too many requests";
    case 449:
      return "stream content has changed, reloading clients";
    case 500:
      return "internal server error";
    case 502:
      return "bad gateway";
    case 503:
      return "service unavailable";
    default:
      return "";
  }
}

constexpr int kConflict = 409;

// What the status line says by itself.
std::optional<CloseReason> by_status(const Ending& ending, const Circumstances& around) {
  if (ending.how != Ending::How::kStatus) return std::nullopt;
  // The offsets have more gaps than the endpoint keeps: no line is bad.
  if (ending.close == "limit" || ending.close == "ranges") return CloseReason::kLimited;
  switch (ending.status) {
    case kConflict:
    case 423:
      return CloseReason::kEvicted;
    case 401:
    case 403:
    case 404:
    case 405:
    case 406:
      return CloseReason::kRefused;
    case 400:
    case 413:
    case 422:
      // With no line on the way it means the request itself.
      return around.sent_lines ? CloseReason::kBadData : CloseReason::kRefused;
    case 429:
      return CloseReason::kLimited;
    case 408:
      return CloseReason::kIdle;
    case 503:
      return ending.retry_after ? CloseReason::kLimited : CloseReason::kRestart;
    default:
      break;
  }
  // We never follow a redirect: it would take the token to where nobody said it should go.
  if (ending.status / 100 == 3 && !ending.location.empty()) return CloseReason::kRefused;
  return std::nullopt;
}

// After we ended the body.
bool is_good_end(const Ending& ending) {
  return ending.how == Ending::How::kFin ||
         (ending.how == Ending::How::kStatus && ending.status / 100 == 2);
}

bool is_gateway_error(const Ending& ending) {
  return ending.how == Ending::How::kStatus && (ending.status == 502 || ending.status == 504);
}

// An end without a reason: what an evicted client sees where the endpoint does not name evictions.
bool could_be_eviction(const Ending& ending, const Circumstances& around) {
  if (!around.may_evict_silently) return false;
  switch (ending.how) {
    case Ending::How::kFin:
    case Ending::How::kReset:
      return true;
    case Ending::How::kStatus:
      // A proxy turns the silent close of what is behind it into its own answer, but gives that
      // answer at once when there is nothing behind it.
      if (is_gateway_error(ending)) return around.lasted >= kGatewayAnswersWithin;
      return ending.status / 100 == 2 || ending.status == 308;
    case Ending::How::kNoReach:
    case Ending::How::kTimeout:
    case Ending::How::kReached:
      break;
  }
  return false;
}

}  // namespace

std::optional<CloseReason> classify(const Ending& ending, const Circumstances& around) {
  if (around.finished && is_good_end(ending)) return CloseReason::kDone;
  if (const auto named = by_status(ending, around)) return named;
  const bool was_open =
      around.was_open && ending.how != Ending::How::kNoReach && ending.how != Ending::How::kTimeout;
  if (!was_open) return CloseReason::kNetwork;
  if (around.silent >= kSilentForIdle) return CloseReason::kIdle;
  if (!could_be_eviction(ending, around)) return CloseReason::kNetwork;
  if (!around.siblings) return std::nullopt;
  switch (*around.siblings) {
    case Siblings::kMostClosed:
      return CloseReason::kRestart;
    case Siblings::kMostAgain:
    case Siblings::kStayUp:
      return CloseReason::kSuspect;
    case Siblings::kNone:
      break;
  }
  if (is_gateway_error(ending)) return CloseReason::kNetwork;
  return std::nullopt;
}

std::string_view to_text(CloseReason reason) {
  switch (reason) {
    case CloseReason::kDone:
      return "done";
    case CloseReason::kEvicted:
      return "evicted";
    case CloseReason::kRefused:
      return "refused";
    case CloseReason::kBadData:
      return "bad_data";
    case CloseReason::kLimited:
      return "limited";
    case CloseReason::kIdle:
      return "idle";
    case CloseReason::kRestart:
      return "restart";
    case CloseReason::kSuspect:
      return "suspect";
    case CloseReason::kNetwork:
      return "network";
  }
  return "network";
}

std::string describe(const Ending& ending) {
  const auto with_detail = [&](std::string text) {
    if (!ending.detail.empty()) text += ": " + ending.detail;
    return text;
  };
  switch (ending.how) {
    case Ending::How::kStatus: {
      std::string text = "the endpoint answered " + std::to_string(ending.status);
      const auto known = published_text(ending.status);
      if (!known.empty()) text += " (" + std::string(known) + ")";
      if (!ending.location.empty()) return text + " and points to " + ending.location;
      // Most say what the status says.
      const bool page = ending.detail.starts_with('<');  // HTML tells nobody anything here
      const bool known_already = !known.empty() && ending.detail.find(known) != std::string::npos;
      if (ending.detail.empty() || page || known_already) return text;
      return text + ": " + ending.detail.substr(0, ending.detail.find_first_of("\r\n"));
    }
    case Ending::How::kFin:
      return "the endpoint closed the connection without an answer";
    case Ending::How::kReset:
      return with_detail("the connection broke");
    case Ending::How::kNoReach:
      return with_detail("cannot connect");
    case Ending::How::kTimeout:
      return with_detail("no answer in time");
    case Ending::How::kReached:
      return "the endpoint can be reached";
  }
  return "the connection ended";
}

std::string advice(CloseReason reason, const Ending& ending) {
  switch (reason) {
    case CloseReason::kEvicted:
      if (ending.close == "fenced") {
        return "a newer plotbridge with a copy of this spool streams to the same endpoint: give "
               "each a spool.directory and tokens of its own";
      }
      return "another client streams to the same token: give one of the two a token of its own, "
             "or choose who wins with endpoint.contest";
    case CloseReason::kSuspect:
      return "if this happens again, look for another client with the same token, or for a proxy "
             "that closes connections";
    case CloseReason::kRefused:
      if (!ending.location.empty()) {
        return "set endpoint.url to where the endpoint points, if that is right: redirects are "
               "never followed with a token";
      }
      if (ending.status == 404) {
        return "the endpoint does not know this stream's token: check it in the configuration and "
               "at the endpoint, and that endpoint.url is that of an endpoint";
      }
      if (ending.status == 403)
        return "no plot uses this stream's token any more: create the plot again";
      return "check endpoint.url and what stands between here and the endpoint";
    case CloseReason::kBadData:
      return "the endpoint could not read a line: it is searched for and put aside";
    case CloseReason::kNetwork:
      if (ending.how == Ending::How::kNoReach) {
        return "check that the endpoint runs and that endpoint.url is right";
      }
      return "";
    case CloseReason::kDone:
    case CloseReason::kLimited:
    case CloseReason::kIdle:
    case CloseReason::kRestart:
      return "";
  }
  return "";
}

}  // namespace plotbridge::stream
