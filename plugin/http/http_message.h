// One small request and its answer, whole in memory but for a body that comes in parts. Values; any
// thread.
#pragma once

#include "plugin/endpoint/part_reader.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::http {

struct HttpRequest {
  std::string method;
  std::string path;   // without the query
  std::string query;  // behind the question mark
  std::string body;
  bool of_this_machine = false;  // and no proxy brought it from elsewhere
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  /// Beside Content-Type, Content-Length, Connection and kHeadersOfAll.
  std::vector<std::pair<std::string, std::string>> headers;
  /// It refuses a wrong key, of this user; that is not sent.
  std::optional<std::string> wrong_key_of{};
  /// What comes behind `body`, and is not made yet; null: nothing.
  std::shared_ptr<endpoint::PartReader> rest{};
};

/// What stands in every answer of every port: no browser guesses another type, passes an address of
/// ours on, or lets another site's page have what is read here.
inline constexpr std::string_view kHeadersOfAll =
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/// The bytes of an answer without a rest, after which the connection is closed. Of an answer to
/// HEAD the body is left out.
std::string render(const HttpResponse& response, bool to_head = false);
/// What is sent next of an answer with a rest: `body` as a chunk, with the head before the `first`
/// and the end of all behind the `last`. Without `chunks`, which HTTP/1.0 does not have, the end of
/// the connection is that of the body.
std::string render_part(const HttpResponse& response, bool first, bool last, bool chunks);
/// For HEAD.
std::string render_head_of_parts(const HttpResponse& response, bool chunks);
/// An answer that is only a sentence.
HttpResponse text_response(int status, std::string_view text);
/// The same as `render` does it.
std::string render_text(int status, std::string_view text);

}  // namespace plotbridge::http
