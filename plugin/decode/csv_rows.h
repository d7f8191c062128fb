// Reads rows of separated cells as RFC 4180 writes them: quoted cells, doubled quotes, line ends of
// any system. Leaves to others: what the cells mean. One thread at a time.
#pragma once

#include "plugin/base/scratch.h"
#include "plugin/decode/decoder.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class CsvRows {
 public:
  struct Cell {
    std::string_view text;
    bool quoted = false;
    std::size_t offset = 0;  // in the payload
  };

  explicit CsvRows(char delimiter) : delimiter_(delimiter) {}

  /// Of each row only so many cells are kept; the others are read and counted.
  void keep(std::size_t cells) { kept_ = cells; }

  /// Begins with `payload`, which must live while rows are read.
  void begin(std::string_view payload);
  /// Reads the next row that is not blank; false at the end and at an error. Cells are valid until
  /// the next call of `next`.
  bool next(std::vector<Cell>& cells);
  /// How many cells the last row has.
  std::size_t width() const { return width_; }
  /// Gives back what an unusual payload took.
  void forget() { trim_scratch(unquoted_); }
  /// What stopped the reading, if anything did.
  const std::optional<DecodeError>& error() const { return error_; }
  /// The row that was read last; counts from 1.
  std::size_t row() const { return row_; }

 private:
  bool read_row(std::vector<Cell>& cells);
  bool quoted_cell(std::vector<Cell>& cells);
  void put(std::vector<Cell>& cells, const Cell& cell) {
    if (width_++ < kept_) cells.push_back(cell);
  }
  bool at_line_end() const {
    return at_ == payload_.size() || payload_[at_] == '\n' || payload_[at_] == '\r';
  }
  bool fail(std::string_view expected);

  char delimiter_;
  std::string_view payload_;
  std::size_t at_ = 0;
  std::size_t row_ = 0;
  std::size_t kept_ = SIZE_MAX;
  std::size_t width_ = 0;
  std::string unquoted_;
  std::optional<DecodeError> error_;
};

}  // namespace plotbridge::decode
