// One REST request to the endpoint, read whole, and how its answers are written. Leaves to others:
// what it means (rest_v1.h, rest_v2.h). Values; loop thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::http {

struct RestRequest {
  RequestHead head;
  std::string body;
  bool encrypted = false;        // it came over TLS
  std::uint16_t plain_port = 0;  // of streams

  /// `http://HOST:PORT` as the client wrote it.
  std::string base_url() const;
  /// Where this client is to send its streams, which is never encrypted for Node's.
  std::string stream_host() const;
  /// The path behind `prefix`; empty when it is another one.
  std::string_view behind(std::string_view prefix) const {
    const std::string_view path = head.path;
    return path.starts_with(prefix) ? path.substr(prefix.size()) : std::string_view();
  }
};

/// Writes one JSON object, member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& json(std::string_view name, std::string_view value);
  std::string end() { return out_ + '}'; }

 private:
  std::string out_ = "{";
};

HttpResponse json_response(int status, std::string body);

}  // namespace plotbridge::http
