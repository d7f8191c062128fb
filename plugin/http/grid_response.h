// A grid that is read back by REST, part by part: its file, or with its data. The connection ends
// in the middle when the grid is replaced or gone meanwhile. Not responsible for: who may read it.
// Loop thread.
#pragma once

#include "plugin/endpoint/grid_book.h"
#include "plugin/http/http_message.h"

#include <string_view>

namespace plotbridge::http {

/// The members of `file`, which is a JSON object, and the names and uids of the columns.
HttpResponse grid_response(const endpoint::Grid& grid, std::string_view file);
/// `{"cols":{...}}`, with the data.
HttpResponse grid_content_response(const endpoint::Grid& grid);

}  // namespace plotbridge::http
