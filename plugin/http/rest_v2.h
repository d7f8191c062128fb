// The second version of Chart Studio's REST, as far as its clients use it to make plots and to read
// them back: users, files, folders, grids, plots. Leaves to others: HTTP itself. Loop thread.
#pragma once

#include "plugin/http/rest_request.h"

namespace plotbridge::http {

/// Any request below `/v2/`. Errors are `{"errors":[{"message":...}]}` with their HTTP status.
HttpResponse rest_v2(const RestRequest& request, endpoint::Endpoint& endpoint);

}  // namespace plotbridge::http
