// What the endpoint says at `/` of streams: how it takes them, in the headers of every answer
// there, and to HEAD what it has of one producer. Leaves to others: who may ask (endpoint_server),
// answers that take lines (ack_answer). Loop thread.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/http/http_message.h"
#include "plugin/http/request_head.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {

/// `Stream-Have` is no longer, so that a client that takes heads of 64 KiB can read it.
inline constexpr std::size_t kMostHaveBytes = std::size_t{16} << 10;

/// Which version of acknowledgements there is, and what outlives what is acknowledged.
std::vector<std::pair<std::string, std::string>> stream_headers_of(
    const endpoint::Endpoint& endpoint);
/// Adds them to what answers a request for `/`.
void add_stream_headers(const RequestHead& head, const endpoint::Endpoint& endpoint,
                        HttpResponse& response);

/// Whether it asks what is kept of its producer's lines.
bool asks_for_position(const RequestHead& head);
/// The answer to it. Makes no stream and no position.
HttpResponse position_response(const RequestHead& head, const endpoint::Endpoint& endpoint);

}  // namespace plotbridge::http
