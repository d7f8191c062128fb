#include "plugin/endpoint/attributes.h"

#include "plugin/endpoint/json_leaves.h"

#include <algorithm>
#include <utility>

namespace plotbridge::endpoint {
namespace {

// Outside strings, where valid JSON has them only as white space; they would break a line of
// server-sent events, to which values go as they stand.
std::string without_line_ends(std::string_view json) {
  std::string text(json);
  for (char& c : text) {
    if (c == '\r' || c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

bool Attributes::set(std::string_view path, std::string_view json) {
  const std::size_t added = path.size() + json.size() + kLeafBytes;
  if (const auto same = leaves_.find(path); same != leaves_.end()) {
    if (bytes_ - same->second.size() + json.size() > most_bytes_) return false;
    bytes_ += json.size();
    bytes_ -= same->second.size();
    same->second = without_line_ends(json);
    return true;
  }
  if (bytes_ + added > most_bytes_) return false;
  remove_contradictions(path);
  leaves_.emplace(path, without_line_ends(json));
  bytes_ += added;
  return true;
}

std::size_t Attributes::growth(std::string_view path, std::string_view json) const {
  const auto same = leaves_.find(path);
  if (same == leaves_.end()) return path.size() + json.size() + kLeafBytes;
  return json.size() - std::min(json.size(), same->second.size());
}

bool Attributes::merge(std::string_view object) {
  bool all = true;
  for_each_leaf(object, [&](std::string_view path, std::string_view json, LeafKind) {
    all = set(path, json) && all;
  });
  return all;
}

std::string_view Attributes::find(std::string_view path) const {
  const auto found = leaves_.find(path);
  return found == leaves_.end() ? std::string_view() : std::string_view(found->second);
}

void Attributes::clear() {
  leaves_.clear();
  bytes_ = 0;
}

void Attributes::remove(Leaves::iterator leaf) {
  bytes_ -= leaf->first.size() + leaf->second.size() + kLeafBytes;
  leaves_.erase(leaf);
}

void Attributes::remove_contradictions(std::string_view path) {
  for (std::size_t dot = path.find('.'); dot != std::string_view::npos;
       dot = path.find('.', dot + 1)) {
    if (const auto above = leaves_.find(path.substr(0, dot)); above != leaves_.end()) remove(above);
  }
  const std::string below = std::string(path) + '.';
  for (auto leaf = leaves_.lower_bound(below);
       leaf != leaves_.end() && leaf->first.starts_with(below);) {
    remove(leaf++);
  }
}

void Attributes::write(
    std::string& out,
    const std::function<void(std::string_view path, std::string_view json)>& write_leaf) const {
  // Leaves below one object are neighbours in the map, so closing what the next path does not share
  // and opening what it adds writes each object once.
  out += '{';
  std::string_view open;  // the object being written, with a dot at its end unless it is the root
  for (const auto& [path, json] : leaves_) {
    while (!path.starts_with(open)) {
      out += '}';
      const std::size_t dot = open.substr(0, open.size() - 1).rfind('.');
      open = dot == std::string_view::npos ? std::string_view() : open.substr(0, dot + 1);
    }
    if (out.back() != '{') out += ',';
    for (std::size_t dot = path.find('.', open.size()); dot != std::string::npos;
         dot = path.find('.', dot + 1)) {
      out += '"';
      out += std::string_view(path).substr(open.size(), dot - open.size());
      out += "\":{";
      open = std::string_view(path).substr(0, dot + 1);
    }
    out += '"';
    out += std::string_view(path).substr(open.size());
    out += "\":";
    write_leaf(path, json);
  }
  out.append(1 + static_cast<std::size_t>(std::count(open.begin(), open.end(), '.')), '}');
}

}  // namespace plotbridge::endpoint
