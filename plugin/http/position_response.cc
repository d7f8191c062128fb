#include "plugin/http/position_response.h"

#include "plugin/base/range_text.h"
#include "plugin/endpoint/status.h"

#include <string_view>

namespace plotbridge::http {

std::vector<std::pair<std::string, std::string>> stream_headers_of(
    const endpoint::Endpoint& endpoint) {
  return {{"Stream-Ack", "2"}, {"Stream-Durability", std::string(endpoint.durability())}};
}

void add_stream_headers(const RequestHead& head, const endpoint::Endpoint& endpoint,
                        HttpResponse& response) {
  if (head.path != "/") return;
  for (auto& header : stream_headers_of(endpoint)) response.headers.push_back(std::move(header));
}

bool asks_for_position(const RequestHead& head) {
  return head.method == "HEAD" && head.path == "/" && !head.producer.empty();
}

HttpResponse position_response(const RequestHead& head, const endpoint::Endpoint& endpoint) {
  const auto standing = endpoint.standing(head.token, head.producer);
  HttpResponse response;
  response.status = code_of(standing.status);
  response.headers.emplace_back("Cache-Control", "no-store");
  add_stream_headers(head, endpoint, response);
  if (standing.status == endpoint::Status::kDone) {
    response.headers.emplace_back("Stream-Have", to_text(standing.have, kMostHaveBytes));
  } else if (const auto word = endpoint::close_word(standing.status); !word.empty()) {
    response.headers.emplace_back("Stream-Close", word);
  }
  return response;
}

}  // namespace plotbridge::http
