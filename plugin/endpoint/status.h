// The published table of what a streaming endpoint answers: code and text, letter by letter,
// because clients compare them. Leaves to others: when which one is given. Any thread.
#pragma once

#include <string_view>

namespace plotbridge::endpoint {

/// The codes of the table. Every one of them ends the stream.
enum class Status : int {
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

constexpr int code_of(Status status) { return static_cast<int>(status); }

/// The text that clients know, which is the body of the answer.
std::string_view text_of(Status status);

/// What stands behind the code in a status line, for any code this program answers.
std::string_view phrase_of(int code);

}  // namespace plotbridge::endpoint
