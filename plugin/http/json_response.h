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

}  // namespace plotbridge::http
