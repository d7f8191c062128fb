// One GET to a server that is trusted to be near: waits for the whole answer, follows nothing and
// asks no proxy. Leaves to others: what the body says. Any thread that may wait.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <string>

namespace plotbridge::http {

struct HttpGetLimits {
  Duration timeout = std::chrono::seconds(5);  // for all of it
  std::size_t body = std::size_t{16} << 20;
};

/// The body of a 200. kUnavailable: nobody answered in time; kRefused: another status; kInvalid:
/// `url` is none, or the body is larger than the limit.
Result<std::string> http_get(const std::string& url, const HttpGetLimits& limits = {});

}  // namespace plotbridge::http
