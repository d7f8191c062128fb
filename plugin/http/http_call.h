// One request with a small body and its whole answer: waits for it, follows nothing, asks no proxy
// but the one that is given. Leaves to others: what the bodies say. Any thread that may wait.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"
#include "plugin/http/answer_head.h"
#include "plugin/http/curl_handle_options.h"
#include "plugin/model/secret.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string username{};  // empty: nobody
  Secret key{};
  ClientTls tls{};
  HttpProxy proxy{};
  Duration timeout = std::chrono::seconds(5);  // for all of it
  std::size_t most_bytes = std::size_t{16} << 20;
  /// Given: ends within a second or so once it is true, as kUnavailable.
  const std::atomic<bool>* cancel = nullptr;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  AnswerHead head{};
};

/// Whatever the status is. kUnavailable: nobody answered in time; kInvalid: `url` is none, or the
/// answer is larger than the limit.
Result<HttpAnswer> http_call(const HttpCall& call);

}  // namespace plotbridge::http
