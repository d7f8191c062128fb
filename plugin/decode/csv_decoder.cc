#include "plugin/decode/csv_decoder.h"

#include "plugin/base/json_scan.h"

#include <algorithm>
#include <cstdint>
#include <variant>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Value value_of(const CsvRows::Cell& cell) {
  if (is_json_number(cell.text)) return Value::number(cell.text);
  const std::string_view inside = trimmed(cell.text);
  return is_json_number(inside) ? Value::number(inside) : Value::of_text(cell.text);
}

}  // namespace

CsvDecoder::CsvDecoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields)
    : has_header_(spec.header), rows_(spec.delimiter), slots_(fields.size()) {
  for (const FieldPath& field : fields) {
    const auto* name = field.steps.empty() ? nullptr : std::get_if<std::string>(&field.steps[0]);
    names_.push_back(name != nullptr ? *name : "");
  }
  if (!has_header_) find_columns(spec.columns);
}

tl::expected<void, DecodeError> CsvDecoder::decode(std::string_view payload,
                                                   const TakeSample& take) {
  // All rows are looked at before the first is taken.
  if (auto good = check(payload); !good) return good;
  rows_.begin(payload);
  if (has_header_) rows_.next(cells_);
  while (rows_.next(cells_)) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      slots_[i] = columns_[i] < cells_.size() ? value_of(cells_[columns_[i]]) : Value::missing();
    }
    take(slots_);
  }
  return {};
}

tl::expected<void, DecodeError> CsvDecoder::check(std::string_view payload) {
  rows_.begin(payload);
  const auto failed = [&] {
    return tl::make_unexpected(
        rows_.error() ? *rows_.error()
                      : DecodeError{"empty", "expected rows of cells, but there is none", 0});
  };
  if (has_header_ && !read_header()) return failed();
  bool any = false;
  while (rows_.next(cells_)) {
    any = true;
    if (cells_.size() <= width_) continue;
    const std::size_t at = cells_[width_].offset;
    return tl::make_unexpected(
        DecodeError{"csv",
                    "row " + std::to_string(rows_.row()) + " has " + std::to_string(cells_.size()) +
                        " cells, but there are " + std::to_string(width_) +
                        " columns: the first that is too many is at byte " + std::to_string(at),
                    at});
  }
  if (rows_.error() || (!any && !has_header_)) return failed();
  return {};
}

bool CsvDecoder::read_header() {
  if (!rows_.next(cells_)) return false;
  header_.clear();
  for (const CsvRows::Cell& cell : cells_) {
    header_.emplace_back(cell.quoted ? cell.text : trimmed(cell.text));
  }
  find_columns(header_);
  return true;
}

void CsvDecoder::find_columns(const std::vector<std::string>& names) {
  width_ = std::max<std::size_t>(names.size(), 1);
  columns_.clear();
  for (const std::string& name : names_) {
    const auto found = std::ranges::find(names, name);
    const bool only = name.empty() && width_ == 1;
    columns_.push_back(only                   ? 0
                       : found != names.end() ? static_cast<std::size_t>(found - names.begin())
                                              : kNone);
  }
}

std::string CsvDecoder::fields_of(std::string_view payload) {
  rows_.begin(payload);
  if (!has_header_) {
    rows_.next(cells_);
    return std::to_string(cells_.size()) + " cells in its first row";
  }
  read_header();
  std::string names = "the columns";
  for (const std::string& name : header_) names += (&name == header_.data() ? " " : ", ") + name;
  return names;
}

}  // namespace plotbridge::decode
