// The second version of Chart Studio's REST, as far as its clients use it to make plots and to read
// them back: users, files, folders, grids, plots. Leaves to others: HTTP itself. Loop thread.
#pragma once

#include "plugin/http/rest_request.h"

#include <optional>
#include <string_view>

namespace plotbridge::http {

/// What to tell a request below `/v2/` that has not the name and key of a user; nothing: it has.
std::optional<HttpResponse> rest_v2_refusal(const RequestHead& head,
                                            const endpoint::Accounts& accounts);

/// `{"errors":[{"message":...}]}`.
HttpResponse rest_v2_failure(int status, std::string_view message);

/// Any other request below `/v2/`. Errors are `{"errors":[{"message":...}]}` with their HTTP
/// status.
HttpResponse rest_v2(const RestRequest& request, endpoint::Endpoint& endpoint);

}  // namespace plotbridge::http
