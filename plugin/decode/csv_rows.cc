#include "plugin/decode/csv_rows.h"

#include "plugin/base/utf8.h"
#include "plugin/decode/found_text.h"

namespace plotbridge::decode {

void CsvRows::begin(std::string_view payload) {
  payload_ = payload;
  at_ = payload.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  row_ = 0;
  error_.reset();
}

bool CsvRows::next(std::vector<Cell>& cells) {
  while (at_ != payload_.size() && (payload_[at_] == '\n' || payload_[at_] == '\r')) ++at_;
  cells.clear();
  unquoted_.clear();
  width_ = 0;
  if (at_ == payload_.size()) return false;
  ++row_;
  return read_row(cells);
}

bool CsvRows::read_row(std::vector<Cell>& cells) {
  for (;;) {
    if (at_ != payload_.size() && payload_[at_] == '"') {
      if (!quoted_cell(cells)) return false;
    } else {
      const std::size_t start = at_;
      while (!at_line_end() && payload_[at_] != delimiter_) ++at_;
      put(cells, {payload_.substr(start, at_ - start), false, start});
    }
    if (at_line_end()) return true;
    ++at_;  // the delimiter
  }
}

bool CsvRows::quoted_cell(std::vector<Cell>& cells) {
  // Unquoted text is never longer, so this keeps earlier cells where they are.
  if (unquoted_.empty()) unquoted_.reserve(payload_.size() - at_);
  const std::size_t offset = at_++;
  const std::size_t start = unquoted_.size();
  for (;;) {
    const std::size_t quote = payload_.find('"', at_);
    if (quote == std::string_view::npos) {
      at_ = payload_.size();
      return fail("the quote that ends the cell of byte " + std::to_string(offset));
    }
    unquoted_.append(payload_.substr(at_, quote - at_));
    at_ = quote + 1;
    if (at_ == payload_.size() || payload_[at_] != '"') break;
    unquoted_.push_back('"');
    ++at_;
  }
  if (!at_line_end() && payload_[at_] != delimiter_) {
    return fail("the delimiter after a quoted cell");
  }
  put(cells, {std::string_view(unquoted_).substr(start), true, offset});
  return true;
}

bool CsvRows::fail(std::string_view expected) {
  error_ = DecodeError{"csv",
                       "row " + std::to_string(row_) + ": expected " + std::string(expected) +
                           " at byte " + std::to_string(at_) + ", " + found_text(payload_, at_),
                       at_};
  return false;
}

}  // namespace plotbridge::decode
