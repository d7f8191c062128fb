// OpenSSL's own words for what just failed on this thread. Any thread.
#pragma once

#include <string>

namespace plotbridge::http {

/// The first reason in OpenSSL's queue, which is empty afterwards.
std::string tls_failure();

}  // namespace plotbridge::http
