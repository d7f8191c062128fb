#include "plugin/endpoint/trace.h"

#include "plugin/endpoint/json_leaves.h"

#include <algorithm>
#include <limits>
#include <string>

namespace plotbridge::endpoint {

Trace::Trace(std::size_t max_points, std::string_view style, WindowBudget& budget)
    : max_points_(std::min(max_points, kMaxPoints)), budget_(&budget) {
  style_.merge(style);
  account(0);
}

Trace::~Trace() { budget_->move(held_, 0); }

bool Trace::apply(const LineUpdate& update) {
  bool fits = !update.cut;
  const bool grid = is_grid() || std::ranges::any_of(update.columns, [](const auto& entry) {
                      return entry.path == "z" && entry.json.find('[', 1) != std::string_view::npos;
                    });
  const std::size_t max_rows = most_rows(grid);
  for (const auto& entry : update.columns) fits = replace(entry, max_rows) && fits;
  for (const auto& entry : update.style) fits = restyle(entry) && fits;
  if (!update.point.empty()) fits = append_point(update) && fits;
  trim();
  return fits;
}

bool Trace::extend(const std::vector<std::pair<std::string, std::string_view>>& arrays) {
  const std::size_t before = rows();
  std::size_t more = 0;
  std::vector<std::size_t> counts;
  bool grid = is_grid();
  for (const auto& entry : arrays) {
    std::size_t count = 0;
    for_each_element(entry.second, [&](std::string_view json) {
      grid = grid || (entry.first == "z" && json.starts_with('['));
      ++count;
    });
    counts.push_back(count);
    more = std::max(more, count);
  }
  if (more == 0) return true;
  // The others would only come to go again, and there may be millions.
  const std::size_t skipped = more - std::min(more, most_rows(grid));
  bool fits = true;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (counts[i] == 0) continue;
    Column* const target = column(arrays[i].first);
    // Longer already: it is there twice.
    if (target == nullptr || target->size() > before) {
      fits = false;
      continue;
    }
    if (target->size() != before) rewritten_ = true;
    target->pad(before);
    target->extend(arrays[i].second, skipped);
  }
  for (auto& [path, column] : columns_) {
    if (column.size() < before) rewritten_ = true;
    column.pad(before + more - skipped);
  }
  appended_ = true;
  trim();
  return fits;
}

bool Trace::replace(const LineUpdate::Entry& entry, std::size_t max_rows) {
  Column* const target = column(entry.path);
  if (target == nullptr) return false;
  target->replace(entry.json, max_rows, kMaxBytes);
  rewritten_ = true;
  return true;
}

bool Trace::append_point(const LineUpdate& update) {
  bool fits = true;
  const std::size_t before = rows();
  for (const auto& entry : update.point) {
    Column* const target = column(entry.path);
    if (target == nullptr) {
      fits = false;
      continue;
    }
    if (target->size() != before) rewritten_ = true;
    target->pad(before);
    target->append(entry.json);
  }
  // What the point does not have is a gap in its column.
  for (auto& [path, rest] : columns_) {
    if (rest.size() < before) rewritten_ = true;
    rest.pad(before + 1);
  }
  appended_ = true;
  return fits;
}

bool Trace::restyle(const LineUpdate::Entry& entry) {
  if (style_.find(entry.path) == entry.json) return true;
  const std::size_t more = style_.growth(entry.path, entry.json);
  if (budget_->exceeded() && more > 0 && style_.bytes() + more > kReservedBytes) return false;
  if (!style_.set(entry.path, entry.json)) return false;
  untold_style_.set(entry.path, entry.json);
  // One value for the whole trace takes the place of one for each point.
  if (columns_.erase(entry.path) > 0) vanished_ = true;
  return true;
}

Column* Trace::column(std::string_view path) {
  if (const auto found = columns_.find(path); found != columns_.end()) return &found->second;
  if (columns_.size() >= kMaxColumns) return nullptr;
  const std::size_t more = path.size() + kColumnBytes;
  if (budget_->exceeded() && name_bytes() + more > kReservedBytes) return nullptr;
  return &columns_.emplace(path, Column()).first->second;
}

std::size_t Trace::rows() const {
  std::size_t rows = 0;
  for (const auto& [path, column] : columns_) rows = std::max(rows, column.size());
  return rows;
}

bool Trace::is_grid() const {
  const auto z = columns_.find("z");
  return z != columns_.end() && z->second.nested();
}

void Trace::trim() {
  const std::size_t max_rows = most_rows(is_grid());
  for (auto& [path, column] : columns_) {
    while (column.size() > max_rows) column.drop_front();
  }
  std::size_t values = value_bytes();
  account(values);
  while ((held_ > kMaxBytes || (budget_->exceeded() && values > kReservedBytes)) && drop_row()) {
    values = value_bytes();
    account(values);
  }
}

bool Trace::drop_row() {
  const std::size_t longest = rows();
  if (longest == 0) return false;
  for (auto& [path, column] : columns_) {
    if (column.size() == longest) column.drop_front();
  }
  return true;
}

std::size_t Trace::value_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [path, column] : columns_) bytes += column.bytes();
  return bytes;
}

std::size_t Trace::name_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [path, column] : columns_) bytes += path.size() + kColumnBytes;
  return bytes;
}

void Trace::account(std::size_t value_bytes) {
  const std::size_t bytes = value_bytes + name_bytes() + style_.bytes() + untold_style_.bytes();
  budget_->move(held_, bytes);
  held_ = bytes;
}

namespace {

template <class WriteColumn>
void write_members(const auto& columns, WriteColumn write_column, std::string& out) {
  out += '{';
  for (const auto& [path, column] : columns) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += path;
    out += "\":";
    write_column(column);
  }
  out += '}';
}

}  // namespace

void Trace::write_window(std::string& out) const {
  out += "{\"columns\":";
  write_members(
      columns_, [&out](const Column& column) { column.write(out); }, out);
  out += ",\"style\":";
  style_.write(out);
  out += '}';
}

Trace::Text Trace::text() const {
  Attributes all(std::numeric_limits<std::size_t>::max());
  std::string json;
  style_.write(json);
  all.merge(json);
  for (const auto& [path, column] : columns_) all.set(path, {});
  Text text;
  all.write(text.json, [&](std::string_view path, std::string_view leaf) {
    if (!leaf.empty()) {
      text.json += leaf;
      return;
    }
    text.columns.push_back(
        {text.json.size() + 1, std::string(path), columns_.find(path)->second.text()});
    text.json += "[]";
  });
  return text;
}

std::size_t Trace::text_bytes() const {
  constexpr std::size_t kAroundName = 6;  // quotes, a colon, brackets, a comma
  const std::size_t beside = columns_.size() * (kColumnBytes - kAroundName) + style_.bytes();
  return held_ - beside - untold_style_.bytes() + style_.text_bytes();
}

void Trace::write_untold(std::string& out) const {
  out += '{';
  // Never both at once: a reader could not tell whether a replaced column has the appended points.
  if (rewritten_) {
    out += "\"replace\":";
    write_members(
        columns_, [&out](const Column& column) { column.write(out); }, out);
  } else if (appended_) {
    out += "\"append\":";
    write_members(
        columns_, [&out](const Column& column) { column.write_untold(out); }, out);
  }
  if (!untold_style_.empty()) {
    if (out.back() != '{') out += ',';
    out += "\"style\":";
    untold_style_.write(out);
  }
  out += '}';
}

void Trace::mark_told() {
  for (auto& [path, column] : columns_) column.mark_told();
  untold_style_.clear();
  account(value_bytes());
  appended_ = rewritten_ = vanished_ = false;
}

}  // namespace plotbridge::endpoint
