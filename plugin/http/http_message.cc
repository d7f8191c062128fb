#include "plugin/http/http_message.h"

#include "plugin/endpoint/status.h"

namespace plotbridge::http {

std::string render(const HttpResponse& response, bool to_head) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out += endpoint::phrase_of(response.status);
  // "No content" has no length either.
  if (response.status != 204) {
    out += "\r\nContent-Type: " + response.content_type;
    out += "\r\nContent-Length: " + std::to_string(response.body.size());
  }
  out += "\r\nConnection: close\r\n";
  out += kHeadersOfAll;
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
  out += "\r\n";
  if (!to_head) out += response.body;
  return out;
}

std::string render_text(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = text;
  return render(response);
}

}  // namespace plotbridge::http
