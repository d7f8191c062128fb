#include "plugin/endpoint/status.h"

namespace plotbridge::endpoint {

std::string_view close_word(Status status) {
  switch (status) {
    case Status::kDone:
      return "done";
    case Status::kEvicted:
      return "evicted";
    case Status::kFenced:
      return "fenced";
    case Status::kIdle:
      return "idle";
    case Status::kRestart:
      return "restart";
    case Status::kBadLine:
      return "bad-line";
    case Status::kRanges:
      return "ranges";
    case Status::kNotKept:
    case Status::kDatabaseError:
    case Status::kMalformed:
      return "limit";
    case Status::kStreamEnded:
    case Status::kNotOfThisPlot:
    case Status::kUnknownToken:
    case Status::kBadMethod:
    case Status::kMissingToken:
    case Status::kContentChanged:
    case Status::kInternalError:
      break;
  }
  return "";
}

std::string_view text_of(Status status) {
  switch (status) {
    case Status::kFenced:
      return "a newer epoch of this producer is known";
    case Status::kRanges:
      return "the offsets that came have too many gaps: fill some first";
    case Status::kRestart:
      return "the server stops";
    case Status::kNotKept:
      return "what was sent cannot be kept now";
    case Status::kDone:
      return "healthy endpoint disconnect";
    case Status::kStreamEnded:
      return "stream had ended";
    case Status::kMalformed:
      return "invalid or malformed request syntax";
    case Status::kNotOfThisPlot:
      return "stream token no longer associated with this plot";
    case Status::kUnknownToken:
      return "streamtoken not registered or valid";
    case Status::kBadMethod:
      return "bad request method: use POST for streaming";
    case Status::kMissingToken:
      return "bad request header: missing 'plotly-streamtoken'";
    case Status::kIdle:
      return "timeout on active data";
    case Status::kBadLine:
      // "seperated" is how the table spells it.
      return "json parse error: please stream newline seperated JSON";
    case Status::kEvicted:
      return "connection limit associated with this token has been reached";
    case Status::kContentChanged:
      return "stream content has changed, reloading clients";
    case Status::kInternalError:
      return "internal server error";
    case Status::kDatabaseError:
      return "internal database error";
  }
  return "";
}

std::string_view phrase_of(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 422:
      return "Unprocessable Entity";
    case 423:
      return "Locked";
    case 431:
      return "Request Header Fields Too Large";
    case 449:
      return "Retry With";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace plotbridge::endpoint
