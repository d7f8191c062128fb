// The name and key that a REST request carries, in any of the ways that clients have. Any thread.
#pragma once

#include "plugin/http/request_head.h"
#include "plugin/model/secret.h"

#include <string>

namespace plotbridge::http {

struct Credentials {
  std::string name;  // empty: none were sent
  Secret key;
};

/// From `plotly-authorization` (then the other one is a proxy's), `Authorization` (both Basic), or
/// `plotly-username` and `plotly-apikey`.
Credentials credentials_of(const RequestHead& head);

}  // namespace plotbridge::http
