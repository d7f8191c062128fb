#include "plugin/endpoint/line_parser.h"

#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <utility>

namespace plotbridge::endpoint {
namespace {

using Names = std::string_view;

// A scalar under one of these is a value of a new point.
constexpr std::array kPointNames = {
    Names("x"),      Names("y"),      Names("z"),   Names("text"), Names("customdata"),
    Names("r"),      Names("t"),      Names("a"),   Names("b"),    Names("c"),
    Names("theta"),  Names("lat"),    Names("lon"), Names("open"), Names("high"),
    Names("low"),    Names("close"),  Names("ids"), Names("base"), Names("hovertext"),
    Names("labels"), Names("values"),
};

// A scalar under one of these belongs to the point of its line; without a point it styles the
// trace.
constexpr std::array kPointStyleNames = {
    Names("marker.color"),       Names("marker.size"),        Names("marker.symbol"),
    Names("marker.opacity"),     Names("marker.line.color"),  Names("marker.line.width"),
    Names("textposition"),       Names("textfont.color"),     Names("textfont.size"),
    Names("error_x.array"),      Names("error_y.array"),      Names("error_z.array"),
    Names("error_x.arrayminus"), Names("error_y.arrayminus"), Names("error_z.arrayminus"),
};

// Not the trace's to change.
constexpr std::array kIgnoredNames = {Names("type"), Names("uid")};
constexpr std::string_view kTokenName = "streamtoken";
constexpr std::string_view kStreamPrefix = "stream.";

// Arrays that are one value, not one value for each point.
constexpr std::array kStyleArrayNames = {Names("colorscale"), Names("domain"),   Names("range"),
                                         Names("colorway"),   Names("tickvals"), Names("ticktext")};

constexpr std::string_view kLayoutPrefix = "layout.";

template <class Array>
bool contains(const Array& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view last_name(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

LineUpdate* LineParser::parse(std::string_view line) {
  update_.point.clear();
  update_.columns.clear();
  update_.style.clear();
  update_.layout.clear();
  update_.token = {};
  update_.cut = false;
  point_style_.clear();
  places_.clear();
  leaves_ = 0;
  const auto give = [this](std::string_view path, std::string_view json, LeafKind kind) {
    take(path, json, kind != LeafKind::kScalar, kind == LeafKind::kArrayOfObjects);
  };
  if (!is_valid_utf8(line) || !for_each_leaf(line, give, &update_.cut)) return nullptr;
  settle_point_style();
  return &update_;
}

void LineParser::take(std::string_view path, std::string_view json, bool array, bool of_objects) {
  if (++leaves_ > LineUpdate::kMaxLeaves) {
    update_.cut = true;
    return;
  }
  if (path == kTokenName) {
    // It must not reach a browser, whatever it is.
    const bool text = !array && json.size() > 2 && json.front() == '"';
    update_.token = text ? json.substr(1, json.size() - 2) : std::string_view();
  } else if (!array && contains(kPointNames, path)) {
    add(update_.point, path, json);
  } else if (path.starts_with(kLayoutPrefix)) {
    add(update_.layout, path.substr(kLayoutPrefix.size()), json);
  } else if (contains(kIgnoredNames, path) || path.starts_with(kStreamPrefix) || path.empty()) {
    return;
  } else if (array) {
    const bool style = of_objects || contains(kStyleArrayNames, last_name(path));
    add(style ? update_.style : update_.columns, path, json);
  } else if (contains(kPointStyleNames, path)) {
    add(point_style_, path, json);
  } else {
    add(update_.style, path, json);
  }
}

void LineParser::add(Entries& entries, std::string_view path, std::string_view json) {
  // Sorted rather than hashed: no choice of names makes it slow.
  const auto before = [&](const Place& place, std::string_view wanted) {
    ++comparisons_;
    if (place.entries != &entries) return std::less<>()(place.entries, &entries);
    return std::string_view((*place.entries)[place.index].path) < wanted;
  };
  const auto place = std::lower_bound(places_.begin(), places_.end(), path, before);
  if (place != places_.end() && place->entries == &entries && entries[place->index].path == path) {
    // A key that is given again: the later one counts, as everywhere in JSON.
    entries[place->index].json = json;
    return;
  }
  if (places_.size() == LineUpdate::kMaxEntries) {
    update_.cut = true;
    return;
  }
  places_.insert(place, {&entries, entries.size()});
  entries.push_back({std::string(path), json});
}

void LineParser::settle_point_style() {
  auto& place = update_.point.empty() ? update_.style : update_.point;
  std::move(point_style_.begin(), point_style_.end(), std::back_inserter(place));
}

}  // namespace plotbridge::endpoint
