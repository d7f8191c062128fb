// What a failed transfer of libcurl was for the stream, and in words for a person. Leaves to
// others: answers of the endpoint (answer_head). Pure; any thread.
#pragma once

#include "plugin/http/curl_handle_options.h"
#include "plugin/stream/close_reason.h"

#include <curl/curl.h>

#include <string>
#include <string_view>

namespace plotbridge::http {

struct CurlFailure {
  CURLcode result = CURLE_OK;
  long connect_status = 0;  // what the proxy answered to CONNECT; 0: nothing
  bool reached = false;     // the endpoint itself, TLS included
  std::string_view text{};  // libcurl's own words
};

stream::Ending ending_of(const CurlFailure& failure, const CurlTransportOptions& options);

/// What a socket's error was: a silence that lasted too long, or a reset.
stream::Ending::How how_of_socket_error(int error);

}  // namespace plotbridge::http
