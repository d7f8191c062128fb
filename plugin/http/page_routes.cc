#include "plugin/http/page_routes.h"

#include "plugin/endpoint/page_assets.h"
#include "plugin/endpoint/plot_json.h"
#include "plugin/http/asset_response.h"
#include "plugin/http/json_response.h"
#include "plugin/http/page_headers.h"

#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::string_view kPlots = "/api/plots";
constexpr std::string_view kEvents = "/events";

// The number in `/api/plots/ID`.
std::optional<endpoint::PlotId> plot_id(std::string_view path) {
  if (!path.starts_with(kPlots)) return std::nullopt;
  path.remove_prefix(kPlots.size());
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  endpoint::PlotId id = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), id);
  if (error != std::errc() || end != path.data() + path.size()) return std::nullopt;
  return id;
}

// The number that a query has for `name`; 0: none.
endpoint::PlotId number_in(std::string_view query, std::string_view name) {
  endpoint::PlotId number = 0;
  if (query.starts_with(name) && query.substr(name.size()).starts_with('=')) {
    const std::string_view digits = query.substr(name.size() + 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
  }
  return number;
}

HttpResponse text(int status, std::string_view body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  response.headers = page_headers("no-store");
  return response;
}

HttpResponse in_parts(std::shared_ptr<endpoint::PartReader> json) {
  HttpResponse response = json_response(200, "");
  response.rest = std::move(json);
  return response;
}

}  // namespace

std::optional<endpoint::PlotId> watched_plot(const RequestHead& head) {
  std::string_view path = head.path;
  if (head.method != "GET" || !path.ends_with(kEvents)) return std::nullopt;
  path.remove_suffix(kEvents.size());
  return plot_id(path);
}

HttpResponse page_response(const RequestHead& head, endpoint::Endpoint& endpoint,
                           const std::vector<std::string>& embed) {
  const endpoint::Asset* const asset = endpoint::find_asset(head.path);
  const bool api = head.path.starts_with("/api/");
  if (head.method != "GET" && head.method != "HEAD") {
    if (asset == nullptr && !api) return text(404, "there is no such page");
    HttpResponse response = text(405, "only GET and HEAD are answered here");
    response.headers.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (asset != nullptr) return asset_response(*asset, head, embed);
  if (head.path == kPlots) return in_parts(endpoint.read_plots(number_in(head.query, "after")));
  if (const auto id = plot_id(head.path)) {
    const endpoint::Plot* const plot = endpoint.plot(*id);
    if (plot == nullptr) return no_such_plot();
    auto json = endpoint::read_plot(*plot);
    return json ? in_parts(std::move(json)) : too_large_to_read();
  }
  return text(404, "there is no such page");
}

HttpResponse too_large_to_read() {
  return json_response(413, JsonObject().text("error", kTooLargeToRead).end());
}

HttpResponse no_such_plot() { return json_response(404, R"({"error":"there is no such plot"})"); }

}  // namespace plotbridge::http
