#include "plugin/config/csv.h"

#include <algorithm>
#include <utility>

namespace plotbridge::config {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

}  // namespace

tl::expected<std::vector<Cell>, CsvError> parse_csv_line(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t at = 0;
  const auto skip_space = [&] {
    while (at < line.size() && is_space(line[at])) ++at;
  };
  for (;;) {
    skip_space();
    Cell cell;
    cell.column = static_cast<int>(at) + 1;
    if (at < line.size() && line[at] == '"') {
      for (++at;;) {
        const std::size_t quote = line.find('"', at);
        if (quote == std::string_view::npos) {
          return tl::make_unexpected(CsvError{cell.column, "no closing \" in this line"});
        }
        cell.text.append(line.substr(at, quote - at));
        at = quote + 1;
        if (at == line.size() || line[at] != '"') break;
        cell.text += '"';
        ++at;
      }
      skip_space();
      if (at < line.size() && line[at] != ',') {
        return tl::make_unexpected(CsvError{static_cast<int>(at) + 1, "expected , behind the \""});
      }
    } else {
      const std::size_t end = std::min(line.find(',', at), line.size());
      std::string_view text = line.substr(at, end - at);
      while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
      cell.text = text;
      at = end;
    }
    cells.push_back(std::move(cell));
    if (at == line.size()) return cells;
    ++at;
  }
}

}  // namespace plotbridge::config
