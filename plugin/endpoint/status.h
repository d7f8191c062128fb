// The published table of what a streaming endpoint answers: code and text, letter by letter,
// because clients compare them; and what those are told beyond it who number their lines. Leaves to
// others: when which one is given. Any thread.
#pragma once

#include <string_view>

namespace plotbridge::endpoint {

/// The codes of the table, and a few that share one. Every one of them ends the stream.
enum class Status : int {
  kFenced = 1,   // 409: the producer has a newer epoch
  kRestart = 2,  // 503: the server stops
  kNotKept = 3,  // 503: what was sent cannot be kept
  kRanges = 4,   // 413: the offsets of a producer's lines have too many gaps
  kDone = 200,
  kStreamEnded = 308,
  kMalformed = 400,
  kNotOfThisPlot = 403,
  kUnknownToken = 404,
  kBadMethod = 405,
  kMissingToken = 406,
  kIdle = 408,
  kBadLine = 422,
  kEvicted = 423,
  kContentChanged = 449,
  kInternalError = 500,
  kDatabaseError = 503,
};

constexpr int code_of(Status status) {
  if (status == Status::kFenced) return 409;
  if (status == Status::kRanges) return 413;
  if (status == Status::kRestart || status == Status::kNotKept) return 503;
  return static_cast<int>(status);
}

/// The word for it in `Stream-Close` and in the last acknowledgement; empty: none fits.
std::string_view close_word(Status status);

/// The text that clients know, which is the body of the answer.
std::string_view text_of(Status status);

/// What stands behind the code in a status line, for any code this program answers.
std::string_view phrase_of(int code);

}  // namespace plotbridge::endpoint
