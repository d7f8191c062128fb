// Answers in JSON. Values; any thread.
#pragma once

#include "plugin/http/http_message.h"

#include <string>
#include <string_view>

namespace plotbridge::http {

/// Writes one JSON object, member by member.
class JsonObject {
 public:
  /// What is no UTF-8 in `value` becomes U+FFFD.
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& json(std::string_view name, std::string_view value);
  std::string end() { return out_ + '}'; }

 private:
  std::string out_ = "{";
};

HttpResponse json_response(int status, std::string body);

/// Why a plot or grid is not made, and what to do.
inline constexpr std::string_view kNameTooLong =
    "the name of a file, with its folders, has more than 256 bytes: take a shorter one";
/// Why a plot is not read back, and what to do.
inline constexpr std::string_view kTooLargeToRead =
    "the plot has more than the 16 MiB that one answer may have: give it fewer points or traces";

}  // namespace plotbridge::http
