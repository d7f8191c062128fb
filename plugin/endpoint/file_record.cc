#include "plugin/endpoint/file_record.h"

#include "plugin/endpoint/json_leaves.h"

#include <array>
#include <charconv>
#include <utility>

namespace plotbridge::endpoint {
namespace {

constexpr std::array<std::pair<PlotOrigin, std::string_view>, 3> kOrigins{
    {{PlotOrigin::kConfig, "config"},
     {PlotOrigin::kAutomatic, "automatic"},
     {PlotOrigin::kRest, "rest"}}};

// Left out when it is, as it is nearly always.
constexpr std::string_view kNotWorldReadable = ",\"world_readable\":false";

void append_text(std::string_view key, std::string_view text, std::string& out) {
  if (out.back() != '{') out += ',';
  append_json_string(key, out);
  out += ':';
  append_json_string(text, out);
}

SavedTrace read_trace(std::string_view json) {
  SavedTrace trace;
  for_each_member(json, [&](std::string_view key, std::string_view value) {
    if (key == "stream") trace.stream = text_of_json(value);
    if (key == "token") trace.token = text_of_json(value);
    if (key == "columns") trace.columns_json = value;
    if (key == "style") trace.style_json = value;
    if (key == "max_points") {
      std::from_chars(value.data(), value.data() + value.size(), trace.max_points);
    }
  });
  return trace;
}

Grid::Column read_column(std::string_view json) {
  Grid::Column column;
  for_each_member(json, [&](std::string_view key, std::string_view value) {
    if (key == "name") column.name = text_of_json(value);
    if (key == "uid") column.uid = text_of_json(value);
    if (key == "data" && is_json_array(value)) column.data_json = value;
  });
  return column;
}

void read_member(SavedPlot& plot, Grid& grid, std::string_view key, std::string_view value) {
  if (key == "owner") plot.owner = grid.owner = text_of_json(value);
  if (key == "name") plot.name = grid.name = text_of_json(value);
  if (key == "configured") plot.configured = text_of_json(value);
  if (key == "world_readable") plot.world_readable = grid.world_readable = value != "false";
  if (key == "layout") plot.layout_json = value;
  if (key == "traces") {
    for_each_element(value,
                     [&](std::string_view json) { plot.traces.push_back(read_trace(json)); });
  }
  if (key == "columns") {
    for_each_element(value,
                     [&](std::string_view json) { grid.columns.push_back(read_column(json)); });
  }
}

}  // namespace

std::string record_of(const Plot& plot, const StreamTable& streams) {
  std::string out = "{";
  for (const auto& [origin, name] : kOrigins) {
    if (origin == plot.origin()) append_text("type", name, out);
  }
  append_text("owner", plot.owner(), out);
  append_text("name", plot.name(), out);
  append_text("configured", plot.configured(), out);
  if (!plot.world_readable()) out += kNotWorldReadable;
  out += ",\"layout\":";
  plot.layout().write(out);
  out += ",\"traces\":[";
  for (const Plot::Member& member : plot.members()) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_text("stream", member.stream, out);
    if (member.stream_id) append_text("token", streams[*member.stream_id].token.reveal(), out);
    out += ",\"max_points\":" + std::to_string(member.trace.max_points()) + ',';
    std::string window;
    member.trace.write_window(window);
    out.append(window, 1);  // without its brace: columns and style
  }
  out += "]}";
  return out;
}

std::string record_of(const Grid& grid) {
  std::string out = "{";
  append_text("type", "grid", out);
  append_text("owner", grid.owner, out);
  append_text("name", grid.name, out);
  if (!grid.world_readable) out += kNotWorldReadable;
  out += ",\"columns\":[";
  for (const Grid::Column& column : grid.columns) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_text("name", column.name, out);
    append_text("uid", column.uid, out);
    out += ",\"data\":" + column.data_json + '}';
  }
  out += "]}";
  return out;
}

Result<std::variant<SavedPlot, Grid>> read_record(std::string_view record) {
  if (!is_json(record)) return fail(ErrorKind::kInvalid, "it is not JSON");
  std::string type;
  SavedPlot plot;
  Grid grid;
  const bool object = for_each_member(record, [&](std::string_view key, std::string_view value) {
    if (key == "type") type = text_of_json(value);
    read_member(plot, grid, key, value);
  });
  if (!object) return fail(ErrorKind::kInvalid, "it is no object");
  if (type == "grid") return grid;
  for (const auto& [origin, name] : kOrigins) {
    if (name != type) continue;
    plot.origin = origin;
    return plot;
  }
  return fail(ErrorKind::kInvalid, "its type is not known");
}

}  // namespace plotbridge::endpoint
