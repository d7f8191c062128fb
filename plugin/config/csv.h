// One line of a CSV file to its cells (RFC 4180, without line breaks inside quotes). Leaves to
// others: files and meaning. Pure; any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::config {

struct Cell {
  std::string text;
  int column = 1;  // of its first byte in the line, from 1
};

/// What is wrong in the line, and in which column.
struct CsvError {
  int column = 1;
  std::string message;
};

/// `line` without its line break. White space around unquoted cells is dropped.
tl::expected<std::vector<Cell>, CsvError> parse_csv_line(std::string_view line);

}  // namespace plotbridge::config
