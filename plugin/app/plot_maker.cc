#include "plugin/app/plot_maker.h"

#include "plugin/app/listen_url.h"
#include "plugin/app/version.h"
#include "plugin/config/address.h"
#include "plugin/http/http_call.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace plotbridge::app {
namespace {

using nlohmann::json;

constexpr auto kTimeout = std::chrono::seconds(30);

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.';
    if (plain) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

// The endpoint's own words, if it has any.
std::string words_of(const http::HttpAnswer& answer) {
  std::string text = "status " + std::to_string(answer.status);
  const json body = json::parse(answer.body, nullptr, false);
  if (body.is_object() && body.contains("errors") && body["errors"].is_array()) {
    for (const json& error : body["errors"]) {
      if (error.is_object()) text += ": " + error.value("message", std::string());
    }
  }
  return text;
}

class Rest {
 public:
  Rest(const config::Config& config, const std::atomic<bool>* cancel) {
    const config::Endpoint& endpoint = *config.endpoint;
    call_.url = endpoint.rest ? endpoint.rest->url : endpoint.url;
    if (endpoint.rest) {
      call_.username = endpoint.rest->username;
      call_.key = endpoint.rest->key;
    }
    call_.headers = {{"Content-Type", "application/json"},
                     {"plotly-client-platform", "plotbridge " + std::string(version())}};
    const config::Tls& tls = endpoint.tls;
    call_.tls = {tls.ca, tls.certificate, tls.key, tls.verify};
    call_.proxy = {endpoint.proxy.url, endpoint.proxy.username, endpoint.proxy.password};
    call_.timeout = kTimeout;
    call_.cancel = cancel;
  }

  /// The file of this name: its fid; empty: there is none.
  Result<std::string> look_up(const std::string& name) {
    const auto answer = call("GET", "/v2/files/lookup?path=" + percent_encoded(name), json());
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->status == 404) return std::string();
    if (answer->status != 200) return refused("looking for " + name, *answer);
    return text_at(json::parse(answer->body, nullptr, false), "fid");
  }

  /// Replaces the file, or makes one where there is none, or where it is not ours to replace.
  Result<json> put(const std::string& kind, const std::string& name, json body) {
    const auto split = name.rfind('/');
    body["filename"] = name.substr(split + 1);  // npos + 1 is 0
    body["world_readable"] = false;
    const auto fid = look_up(name);
    if (!fid) return tl::make_unexpected(fid.error());
    if (!fid->empty()) {
      const auto answer = call("PUT", "/v2/" + kind + '/' + *fid, body);
      if (!answer) return tl::make_unexpected(answer.error());
      if (answer->status == 200) return file_of(kind, *answer);
      if (answer->status != 403 && answer->status != 404)
        return refused("replacing " + name, *answer);
    }
    if (split != std::string::npos) {
      body["parent_path"] = name.substr(0, split);
      // There already, in most cases; what else is wrong with it shows in a moment.
      if (const auto made = call("POST", "/v2/folders", {{"path", name.substr(0, split)}}); !made) {
        return tl::make_unexpected(made.error());
      }
    }
    const auto answer = call("POST", "/v2/" + kind, body);
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->status != 200 && answer->status != 201) return refused("making " + name, *answer);
    return file_of(kind, *answer);
  }

 private:
  Result<http::HttpAnswer> call(const std::string& method, const std::string& path,
                                const json& body) {
    http::HttpCall one = call_;
    one.method = method;
    one.url += path;
    if (!body.is_null()) {
      one.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    }
    auto answer = http::http_call(one);
    if (!answer) {
      return fail(answer.error().kind, call_.url + ": " + answer.error().message);
    }
    return answer;
  }

  tl::unexpected<Error> refused(const std::string& what, const http::HttpAnswer& answer) const {
    std::string message = call_.url + ": " + what + ": " + words_of(answer);
    if (answer.status == 401) message += "; give the user and key in endpoint.rest";
    return fail(ErrorKind::kRefused, std::move(message));
  }

  Result<json> file_of(const std::string& kind, const http::HttpAnswer& answer) const {
    const json body = json::parse(answer.body, nullptr, false);
    if (body.is_object() && body.contains("file") && body["file"].is_object()) return body["file"];
    // A PUT may be answered by the file itself.
    if (body.is_object() && body.contains("fid")) return body;
    return fail(ErrorKind::kRefused, call_.url + ": the answer to " + kind + " names no file");
  }

  static std::string text_at(const json& object, const char* key) {
    if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
    return object[key].get<std::string>();
  }

  http::HttpCall call_;
};

std::string token_of(const config::Config& config, const config::Trace& trace) {
  if (trace.stream.empty()) return trace.token.reveal();
  const auto stream = std::ranges::find(config.streams, trace.stream, &config::Stream::name);
  return stream == config.streams.end() ? std::string() : stream->token.reveal();
}

constexpr const char* kAxes[] = {"x", "y"};

// As Python's client names them.
std::string column_name(std::size_t trace, const char* axis) {
  return "data." + std::to_string(trace) + '.' + axis;
}

}  // namespace

Result<std::string> make_plot(const config::Config& config, const config::Plot& plot,
                              const std::atomic<bool>* cancel) {
  Rest rest(config, cancel);
  json columns = json::object();
  for (std::size_t i = 0; i < plot.traces.size(); ++i) {
    for (const char* axis : kAxes) {
      columns[column_name(i, axis)] = {{"data", json::array()}, {"order", columns.size()}};
    }
  }
  const auto grid = rest.put("grids", plot.name + "_grid", {{"data", {{"cols", columns}}}});
  if (!grid) return tl::make_unexpected(grid.error());
  const std::string grid_fid = grid->value("fid", std::string());
  const auto source = [&](const std::string& name) -> std::string {
    if (!grid->contains("cols")) return {};
    for (const json& column : (*grid)["cols"]) {
      if (column.value("name", "") == name) return grid_fid + ':' + column.value("uid", "");
    }
    return {};
  };

  json traces = json::array();
  for (std::size_t i = 0; i < plot.traces.size(); ++i) {
    const config::Trace& trace = plot.traces[i];
    json made = json::parse(trace.style_json, nullptr, false);
    made["stream"] = {{"token", token_of(config, trace)}, {"maxpoints", trace.max_points}};
    for (const char* axis : kAxes) {
      if (auto name = source(column_name(i, axis)); !name.empty()) {
        made[std::string(axis) + "src"] = std::move(name);
      }
    }
    traces.push_back(std::move(made));
  }
  const json layout = json::parse(plot.layout_json, nullptr, false);
  const auto file =
      rest.put("plots", plot.name, {{"figure", {{"data", traces}, {"layout", layout}}}});
  if (!file) return tl::make_unexpected(file.error());
  return file->value("web_url", file->value("fid", std::string()));
}

Result<std::string> find_plot(const config::Config& config, const config::Plot& plot) {
  const config::Server& server = *config.server;
  const std::string base = local_url(server.listen);
  http::HttpCall call;
  call.url = base + "api/plots";
  if (!server.users.empty()) {
    call.username = server.users.front().first;
    call.key = server.users.front().second;
  }
  const auto answer = http::http_call(call);
  if (!answer) return fail(answer.error().kind, base + ": " + answer.error().message);
  const json body = json::parse(answer->body, nullptr, false);
  if (answer->status != 200 || !body.is_object() || !body.contains("plots")) {
    return fail(ErrorKind::kRefused, base + ": " + words_of(*answer));
  }
  for (const json& known : body["plots"]) {
    if (known.value("name", "") == plot.name) {
      return base + "plots/" + std::to_string(known.value("id", 0));
    }
  }
  return fail(ErrorKind::kNotFound,
              base + ": no plot of this name: it runs with another configuration, restart it");
}

}  // namespace plotbridge::app
