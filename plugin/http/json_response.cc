#include "plugin/http/json_response.h"

#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/http/page_headers.h"

#include <utility>

namespace plotbridge::http {

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
  // It may be a client's own, such as the name of what is not there.
  std::string valid;
  append_valid_utf8(value, valid);
  std::string quoted;
  endpoint::append_json_string(valid, quoted);
  return json(name, quoted);
}

JsonObject& JsonObject::json(std::string_view name, std::string_view value) {
  if (out_.size() > 1) out_ += ',';
  endpoint::append_json_string(name, out_);
  out_ += ':';
  out_ += value;
  return *this;
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json; charset=utf-8";
  response.body = std::move(body);
  response.headers = page_headers("no-store");
  return response;
}

}  // namespace plotbridge::http
