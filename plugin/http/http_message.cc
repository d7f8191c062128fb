#include "plugin/http/http_message.h"

#include "plugin/endpoint/status.h"

#include <array>
#include <charconv>

namespace plotbridge::http {
namespace {

std::string head_of(const HttpResponse& response, std::string_view length) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out += endpoint::phrase_of(response.status);
  // "No content" has no length either.
  if (response.status != 204) {
    out += "\r\nContent-Type: " + response.content_type;
    out += length;
  }
  out += "\r\nConnection: close\r\n";
  out += kHeadersOfAll;
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
  out += "\r\n";
  return out;
}

std::string as_chunk(std::string_view part, bool last) {
  std::string out;
  if (!part.empty()) {
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), part.size(), 16);
    out.reserve(part.size() + size.size() + 16);
    out.append(size.data(), end.ptr);
    out += "\r\n";
    out += part;
    out += "\r\n";
  }
  if (last) out += "0\r\n\r\n";
  return out;
}

}  // namespace

std::string render(const HttpResponse& response, bool to_head) {
  std::string out =
      head_of(response, "\r\nContent-Length: " + std::to_string(response.body.size()));
  if (!to_head) out += response.body;
  return out;
}

std::string render_head_of_parts(const HttpResponse& response, bool chunks) {
  return head_of(response, chunks ? "\r\nTransfer-Encoding: chunked" : "");
}

std::string render_part(const HttpResponse& response, bool first, bool last, bool chunks) {
  if (first && last) return render(response);
  const std::string head = first ? render_head_of_parts(response, chunks) : std::string();
  return head + (chunks ? as_chunk(response.body, last) : response.body);
}

HttpResponse text_response(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.body = text;
  return response;
}

std::string render_text(int status, std::string_view text) {
  return render(text_response(status, text));
}

}  // namespace plotbridge::http
