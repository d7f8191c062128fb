#include "plugin/stream/close_reason.h"

namespace plotbridge::stream {
namespace {

using std::chrono_literals::operator""s;

// Endpoints end a stream after 60 s of silence; what ends after 55 s of it ended for that.
constexpr Duration kSilentForIdle = 55s;

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

}  // namespace

CloseReason classify(const Ending& ending, Duration silent, bool finished) {
  if (finished && ending.how == Ending::How::kStatus && ending.status / 100 == 2) {
    return CloseReason::kDone;
  }
  if (ending.how == Ending::How::kStatus) {
    switch (ending.status) {
      case 409:
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
        return CloseReason::kBadData;
      case 429:
        return CloseReason::kLimited;
      case 408:
        return CloseReason::kIdle;
      case 503:
        return ending.retry_after ? CloseReason::kLimited : CloseReason::kRestart;
      default:
        break;
    }
  }
  const bool was_open = ending.how != Ending::How::kNoReach && ending.how != Ending::How::kTimeout;
  if (was_open && silent >= kSilentForIdle) return CloseReason::kIdle;
  return CloseReason::kNetwork;
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
      if (const auto known = published_text(ending.status); !known.empty()) {
        text += " (" + std::string(known) + ")";
      }
      return text;
    }
    case Ending::How::kFin:
      return "the endpoint closed the connection without an answer";
    case Ending::How::kReset:
      return with_detail("the connection broke");
    case Ending::How::kNoReach:
      return with_detail("cannot connect");
    case Ending::How::kTimeout:
      return with_detail("no answer in time");
  }
  return "the connection ended";
}

std::string_view advice(CloseReason reason, const Ending& ending) {
  switch (reason) {
    case CloseReason::kEvicted:
      return "another client streams to the same token: give one of the two a token of its own";
    case CloseReason::kRefused:
      if (ending.status == 404) {
        return "the endpoint does not know this stream's token: check it in the configuration and "
               "at the "
               "endpoint";
      }
      if (ending.status == 403)
        return "no plot uses this stream's token any more: create the plot again";
      return "check endpoint.url and what stands between here and the endpoint";
    case CloseReason::kBadData:
      return "the endpoint could not read a line: look at what the routes of this stream write";
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
