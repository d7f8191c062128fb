// What GET answers at the endpoint's port: the files of the page and the JSON of docs/page_api.md.
// Leaves to others: the events of a plot (sse_session.h), streams. Loop thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"

#include <optional>
#include <string>
#include <vector>

namespace plotbridge::http {

/// The plot of `GET /api/plots/ID/events`; nothing for any other request.
std::optional<endpoint::PlotId> watched_plot(const RequestHead& head);

/// The answer to any other request. `embed` are the origins that may show the page in a frame.
HttpResponse page_response(const RequestHead& head, endpoint::Endpoint& endpoint,
                           const std::vector<std::string>& embed);

HttpResponse no_such_plot();
HttpResponse too_large_to_read();

}  // namespace plotbridge::http
