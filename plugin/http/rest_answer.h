// What the endpoint answers to a REST request of either version, whole or refused. Not responsible
// for: who may ask (endpoint_server), reading a body (request_session). Loop thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/http/request_head.h"
#include "plugin/http/rest_request.h"

#include <string>
#include <string_view>

namespace plotbridge::http {

/// Version 1: a form by which a plot is made.
bool is_plot_form(const RequestHead& head);
/// Any other REST request.
bool is_rest(const RequestHead& head);

HttpResponse rest_answer(const RestRequest& request, endpoint::Endpoint& endpoint);
/// To a request that is not read, in the words that its client reads.
std::string rest_failure(const RequestHead& head, int status, std::string_view text);

}  // namespace plotbridge::http
