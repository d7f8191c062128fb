// The first version of Chart Studio's REST: one form that makes a plot, and reading a plot back.
// Leaves to others: HTTP itself. Loop thread.
#pragma once

#include "plugin/http/rest_request.h"

#include <string_view>

namespace plotbridge::http {

/// What to tell of a `/clientresp` that is not read. With 200, which is what clients can read.
HttpResponse client_failure(std::string_view error);

/// `POST /clientresp`. The status is 200 whatever happens, what went wrong stands in `error`: that
/// is what clients look at.
HttpResponse client_response(const RestRequest& request, endpoint::Endpoint& endpoint);

/// `GET /apigetfile/OWNER/FID`: `{"payload":{"figure":...}}` with the data of this moment.
HttpResponse get_file(const RestRequest& request, endpoint::Endpoint& endpoint);

}  // namespace plotbridge::http
