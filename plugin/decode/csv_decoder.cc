#include "plugin/decode/csv_decoder.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/scratch.h"
#include "plugin/base/utf8.h"
#include "plugin/decode/too_many_points.h"

#include <algorithm>
#include <cstdint>
#include <variant>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kNone = SIZE_MAX;
// That a header may name.
constexpr std::size_t kMaxColumns = 10'000;
constexpr std::size_t kShownColumns = 30;
constexpr std::size_t kShownNameBytes = 60;

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
    : has_header_(spec.header),
      max_points_(spec.max_points),
      rows_(spec.delimiter),
      slots_(fields.size()) {
  for (const FieldPath& field : fields) {
    const auto* name = field.steps.empty() ? nullptr : std::get_if<std::string>(&field.steps[0]);
    names_.push_back(name != nullptr ? *name : "");
  }
  if (!has_header_) find_columns(spec.columns);
}

tl::expected<void, DecodeError> CsvDecoder::decode(std::string_view payload,
                                                   const TakeSample& take) {
  const OnExit forget([this] { forget_scratch(); });
  // All rows are looked at before the first is taken.
  if (auto good = check(payload); !good) return good;
  rows_.begin(payload);
  if (has_header_) {
    rows_.keep(0);
    rows_.next(cells_);
  }
  rows_.keep(width_);
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
    if (rows_.error()) return tl::make_unexpected(*rows_.error());
    if (rows_.width() > kMaxColumns) {
      return tl::make_unexpected(DecodeError{
          "csv", "the header names more than " + std::to_string(kMaxColumns) + " columns", 0});
    }
    return tl::make_unexpected(
        DecodeError{"empty", "expected rows of cells, but there is none", 0});
  };
  if (has_header_ && !read_header()) return failed();
  rows_.keep(width_ + 1);
  std::size_t points = 0;
  while (rows_.next(cells_)) {
    if (points++ == max_points_) {
      return tl::make_unexpected(too_many_points("rows", max_points_, cells_.front().offset));
    }
    if (rows_.width() <= width_) continue;
    const std::size_t at = cells_[width_].offset;
    return tl::make_unexpected(
        DecodeError{"csv",
                    "row " + std::to_string(rows_.row()) + " has " + std::to_string(rows_.width()) +
                        " cells, but there are " + std::to_string(width_) +
                        " columns: the first that is too many is at byte " + std::to_string(at),
                    at});
  }
  if (rows_.error() || (points == 0 && !has_header_)) return failed();
  return {};
}

void CsvDecoder::forget_scratch() {
  rows_.forget();
  trim_scratch(cells_);
  header_.clear();
  trim_scratch(header_);
}

bool CsvDecoder::read_header() {
  rows_.keep(kMaxColumns);
  if (!rows_.next(cells_) || rows_.width() > kMaxColumns) return false;
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
  const OnExit forget([this] { forget_scratch(); });
  rows_.begin(payload);
  if (!has_header_) {
    rows_.keep(0);
    rows_.next(cells_);
    return std::to_string(rows_.width()) + " cells in its first row";
  }
  if (!read_header()) return {};
  std::string names = "the columns";
  for (std::size_t i = 0; i < std::min(header_.size(), kShownColumns); ++i) {
    names += i == 0 ? " " : ", ";
    names += whole_characters(header_[i], kShownNameBytes);
  }
  return header_.size() > kShownColumns ? names + ", ..." : names;
}

}  // namespace plotbridge::decode
