// One REST request to the endpoint, read whole. Leaves to others: what it means (rest_v1.h,
// rest_v2.h). A value; loop thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/http/change_log.h"
#include "plugin/http/json_response.h"
#include "plugin/http/request_head.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::http {

struct RestRequest {
  RequestHead head;
  std::string body;
  bool encrypted = false;        // it came over TLS
  std::uint16_t plain_port = 0;  // of streams
  /// Is told of a plot or grid ("plot", "grid") that the request changed, and by whom; may be null.
  std::function<void(FileChange, std::string_view kind, endpoint::FileId, std::string_view name,
                     std::string_view user)>
      on_change{};

  void changed(FileChange change, std::string_view kind, endpoint::FileId id, std::string_view name,
               std::string_view user) const {
    if (on_change) on_change(change, kind, id, name, user);
  }

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

}  // namespace plotbridge::http
