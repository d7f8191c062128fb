#include "plugin/http/rest_v2.h"

#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/plot_form.h"
#include "plugin/http/credentials.h"
#include "plugin/http/figure_response.h"
#include "plugin/http/grid_response.h"

#include <optional>
#include <string>
#include <utility>

namespace plotbridge::http {
namespace {

using endpoint::FileId;
using endpoint::Grid;
using endpoint::Plot;

std::string fid_of(std::string_view owner, FileId id) {
  return std::string(owner) + ':' + std::to_string(id);
}

// Folders are part of a file's name.
std::string folder_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

std::string in_folder(const std::string& folder, const std::string& name) {
  return folder.empty() ? name : folder + '/' + name;
}

constexpr std::string_view kAnothers = "only who made it changes it";

// "OWNER:NUMBER", or the number alone, as it stands in a path.
struct Fid {
  explicit Fid(std::string_view path)
      : text(endpoint::percent_decoded(path)), id(endpoint::file_id_of(text)) {}

  // Files of the configuration have no owner, and are found below any name.
  bool may_be_of(std::string_view owner) const {
    const auto colon = text.rfind(':');
    return owner.empty() || colon == std::string::npos || text.substr(0, colon) == owner;
  }

  std::string text;
  std::optional<FileId> id;
};

// One request, by one user.
class Rest {
 public:
  Rest(const RestRequest& request, endpoint::Endpoint& endpoint, std::string user)
      : request_(request), endpoint_(endpoint), user_(std::move(user)) {}

  HttpResponse answer() {
    const std::string_view path = request_.behind("/v2/");
    const std::string& method = request_.head.method;
    if (path == "users/current" && reads()) {
      return json_response(200, JsonObject().text("username", user_).end());
    }
    if (path == "files/lookup" && reads()) return look_up();
    if (path == "folders" && method == "POST") {
      // Folders are part of a plot's name here.
      return json_response(201, JsonObject().text("filetype", "fold").end());
    }
    if (path == "grids" && method == "POST") return put_grid(std::nullopt);
    if (path == "plots" && method == "POST") return put_plot(nullptr);
    if (path.starts_with("grids/")) return grid(path.substr(6));
    if (path.starts_with("plots/")) return plot(path.substr(6));
    return rest_v2_failure(404, "there is no such resource at this endpoint");
  }

 private:
  bool reads() const { return request_.head.method == "GET" || request_.head.method == "HEAD"; }

  HttpResponse look_up() {
    constexpr std::string_view kPath = "path=";
    const std::string query = '&' + request_.head.query;
    const auto at = query.find('&' + std::string(kPath));
    if (at == std::string::npos) return rest_v2_failure(400, "path is missing");
    const auto begin = at + 1 + kPath.size();
    const std::string name = endpoint::percent_decoded(
        std::string_view(query).substr(begin, query.find('&', begin) - begin));
    if (const Plot* plot = endpoint_.plots().find(user_, name)) {
      return json_response(200, plot_json(*plot));
    }
    if (const Grid* grid = endpoint_.grids().find(user_, name)) {
      return grid_response(*grid, file_json(*grid));
    }
    return rest_v2_failure(404,
                           "there is no file " + name.substr(0, endpoint::PlotBook::kMaxNameBytes));
  }

  HttpResponse grid(std::string_view rest) {
    const auto slash = rest.find('/');
    const Fid fid(rest.substr(0, slash));
    const Grid* const known = fid.id ? endpoint_.grids().find(*fid.id) : nullptr;
    if (known == nullptr || !fid.may_be_of(known->owner)) {
      return rest_v2_failure(404, "there is no such grid");
    }
    if (!reads() && known->owner != user_) return rest_v2_failure(403, kAnothers);
    const bool content = slash != std::string_view::npos && rest.substr(slash) == "/content";
    const std::string& method = request_.head.method;
    if (slash == std::string_view::npos && (method == "PUT" || method == "PATCH")) {
      return put_grid(known->id);
    }
    if (slash == std::string_view::npos && method == "DELETE") {
      request_.changed(FileChange::kDeleted, "grid", known->id, known->name, user_);
      endpoint_.grids().remove(known->id);
      return json_response(204, "");
    }
    if (!reads()) return rest_v2_failure(405, "a grid is read, replaced or deleted");
    return content ? grid_content_response(*known) : grid_response(*known, file_json(*known));
  }

  HttpResponse plot(std::string_view rest) {
    const auto slash = rest.find('/');
    const Fid fid(rest.substr(0, slash));
    Plot* const known = fid.id ? endpoint_.plot(*fid.id) : nullptr;
    if (known == nullptr || !fid.may_be_of(known->owner())) {
      return rest_v2_failure(404, "there is no such plot");
    }
    if (!reads() && !known->owner().empty() && known->owner() != user_) {
      return rest_v2_failure(403, kAnothers);
    }
    const bool content = slash != std::string_view::npos && rest.substr(slash) == "/content";
    const std::string& method = request_.head.method;
    const bool replaces = method == "PUT" || method == "PATCH";
    if (slash == std::string_view::npos && (replaces || method == "DELETE")) {
      if (known->origin() != endpoint::PlotOrigin::kRest) {
        return rest_v2_failure(403, "this plot is the configuration's or a stream's own");
      }
      if (replaces) return put_plot(known);
      request_.changed(FileChange::kDeleted, "plot", known->id(), known->name(), user_);
      endpoint_.plots().remove(*known);
      return json_response(204, "");
    }
    if (!reads()) return rest_v2_failure(405, "a plot is read, replaced or deleted");
    if (!content) return json_response(200, plot_json(*known));
    auto figure = figure_response(*known);
    return figure ? *std::move(figure) : rest_v2_failure(413, kTooLargeToRead);
  }

  HttpResponse put_grid(std::optional<FileId> id) {
    Grid grid;
    const Grid* const known = id ? endpoint_.grids().find(*id) : nullptr;
    if (known != nullptr) grid.world_readable = known->world_readable;
    // Clients that replace a file repeat its name, but not always its folder.
    std::string parent = known != nullptr ? folder_of(known->name) : "";
    std::string_view columns;
    if (!read_body([&](std::string_view key, std::string_view json) {
          if (key == "filename") grid.name = endpoint::text_of_json(json);
          if (key == "parent_path") parent = endpoint::text_of_json(json);
          if (key == "world_readable") grid.world_readable = json != "false";
          if (key == "data") columns = member(json, "cols");
        }) ||
        columns.empty()) {
      return rest_v2_failure(400, "expected {\"filename\": ..., \"data\": {\"cols\": {...}}}");
    }
    if (!id && endpoint_.plots().full()) {
      return rest_v2_failure(400,
                             "there are 10,000 plots and grids, and no more may be: delete some");
    }
    if (const auto refusal = read_columns(columns, grid)) return *refusal;
    if (grid.name.empty() && known != nullptr) {
      grid.name = known->name;
    } else {
      grid.name = in_folder(parent, grid.name);
    }
    if (grid.name.size() > endpoint::PlotBook::kMaxNameBytes) {
      return rest_v2_failure(400, kNameTooLong);
    }
    grid.id = id ? *id : endpoint_.plots().take_id();
    grid.owner = user_;
    const Grid& put = endpoint_.grids().put(std::move(grid));
    request_.changed(id ? FileChange::kReplaced : FileChange::kMade, "grid", put.id, put.name,
                     user_);
    return json_response(id ? 200 : 201, JsonObject().json("file", grid_json(put)).end());
  }

  static std::optional<HttpResponse> read_columns(std::string_view columns, Grid& grid) {
    std::size_t bytes = Grid::kBytes + 2 * endpoint::PlotBook::kMaxNameBytes;
    bool names_fit = true;
    endpoint::for_each_member(columns, [&](std::string_view name, std::string_view json) {
      if (bytes > endpoint::GridBook::kMaxBytes) return;
      std::string_view data = member(json, "data");
      if (!data.starts_with('[')) data = "[]";
      Grid::Column column{
          endpoint::text_of_json('"' + std::string(name) + '"'), {}, std::string(data)};
      names_fit = names_fit && column.name.size() <= endpoint::PlotBook::kMaxNameBytes;
      bytes += Grid::bytes_of(column);
      grid.columns.push_back(std::move(column));
    });
    if (!names_fit) {
      return rest_v2_failure(400, "a column's name has more than 256 bytes: take a shorter one");
    }
    if (bytes <= endpoint::GridBook::kMaxBytes) return std::nullopt;
    return rest_v2_failure(
        400, "a grid may take 16 MiB with its columns' names: make several grids of fewer columns");
  }

  HttpResponse put_plot(Plot* plot) {
    std::string name = plot != nullptr ? plot->name() : "plot from API";
    bool world_readable = plot == nullptr || plot->world_readable();
    std::string parent;
    std::string_view figure_json;
    if (!read_body([&](std::string_view key, std::string_view json) {
          if (key == "filename") name = endpoint::text_of_json(json);
          if (key == "parent_path") parent = endpoint::text_of_json(json);
          if (key == "world_readable") world_readable = json != "false";
          if (key == "figure") figure_json = json;
        })) {
      return rest_v2_failure(
          400, "expected {\"filename\": ..., \"figure\": {\"data\": [...], \"layout\": {}}}");
    }
    name = in_folder(parent, name);
    if (name.size() > endpoint::PlotBook::kMaxNameBytes) return rest_v2_failure(400, kNameTooLong);
    if (plot != nullptr && figure_json.empty()) {
      plot->set_world_readable(world_readable);
      endpoint_.plots().note(*plot);
      request_.changed(FileChange::kReplaced, "plot", plot->id(), plot->name(), user_);
      return json_response(200, JsonObject().json("file", plot_json(*plot)).end());
    }
    const auto figure = endpoint::read_figure(
        member(figure_json, "data"), member(figure_json, "layout"),
        [this](std::string_view column) { return endpoint_.grids().column(column); });
    if (!figure) return rest_v2_failure(400, figure.error().message);
    const auto no_room = endpoint_.no_room(*figure, plot, nullptr);
    if (!no_room.empty()) {
      return rest_v2_failure(400, no_room);
    }
    const bool made = plot == nullptr;
    if (made) {
      plot = &endpoint_.plots().add(endpoint::PlotOrigin::kRest, user_, name, "{}");
    }
    plot->set_world_readable(world_readable);
    endpoint_.plots().fill(*plot, *figure, endpoint_.streams());
    request_.changed(made ? FileChange::kMade : FileChange::kReplaced, "plot", plot->id(),
                     plot->name(), user_);
    return json_response(made ? 201 : 200, JsonObject().json("file", plot_json(*plot)).end());
  }

  template <class Take>
  bool read_body(Take take) {
    return endpoint::for_each_member(request_.body, take);
  }

  // The value of one member; empty: there is none.
  static std::string_view member(std::string_view object, std::string_view name) {
    std::string_view found;
    endpoint::for_each_member(object, [&](std::string_view key, std::string_view json) {
      if (key == name) found = json;
    });
    return found;
  }

  std::string plot_json(const Plot& plot) const {
    JsonObject file;
    file.text("fid", fid_of(plot.owner().empty() ? user_ : plot.owner(), plot.id()))
        .text("filetype", "plot")
        .text("filename", plot.name())
        .text("owner", plot.owner().empty() ? user_ : plot.owner())
        .text("web_url", request_.base_url() + "/plots/" + std::to_string(plot.id()))
        .json("world_readable", plot.world_readable() ? "true" : "false");
    return file.end();
  }

  // Without its columns.
  std::string file_json(const Grid& grid) const {
    JsonObject file;
    file.text("fid", fid_of(grid.owner, grid.id))
        .text("filetype", "grid")
        .text("filename", grid.name)
        .text("owner", grid.owner)
        .text("web_url", request_.base_url() + "/")
        .json("world_readable", grid.world_readable ? "true" : "false");
    return file.end();
  }

  // As long as the request that put it.
  std::string grid_json(const Grid& grid) const {
    const HttpResponse response = grid_response(grid, file_json(grid));
    return response.body + response.rest->read_all({});
  }

  const RestRequest& request_;
  endpoint::Endpoint& endpoint_;
  std::string user_;
};

}  // namespace

HttpResponse rest_v2_failure(int status, std::string_view message) {
  const std::string error = JsonObject().text("message", message).end();
  auto response = json_response(status, JsonObject().json("errors", '[' + error + ']').end());
  if (status == 401) {
    response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"plotbridge\"");
  }
  return response;
}

std::optional<HttpResponse> rest_v2_refusal(const RequestHead& head,
                                            const endpoint::Accounts& accounts) {
  const Credentials credentials = credentials_of(head);
  if (accounts.knows(credentials.name, credentials.key.reveal())) return std::nullopt;
  return rest_v2_failure(401, "no account of this name has this key");
}

HttpResponse rest_v2(const RestRequest& request, endpoint::Endpoint& endpoint) {
  Credentials credentials = credentials_of(request.head);
  if (!is_valid_utf8(credentials.name) || !is_valid_utf8(request.body)) {
    return rest_v2_failure(400, "the user's name and the body must be UTF-8");
  }
  if (credentials.name.size() > endpoint::PlotBook::kMaxNameBytes) {
    return rest_v2_failure(400, "the user's name has more than 256 bytes: take a shorter one");
  }
  if (credentials.name.empty()) credentials.name = "plotbridge";
  return Rest(request, endpoint, std::move(credentials.name)).answer();
}

}  // namespace plotbridge::http
