#include "plugin/config/stream_list.h"

#include "plugin/base/utf8.h"
#include "plugin/config/csv.h"
#include "plugin/config/did_you_mean.h"
#include "plugin/config/secret.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace plotbridge::config {
namespace {

constexpr std::array<std::string_view, 3> kColumns{"name", "token", "max_rate"};
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class ListReader {
 public:
  ListReader(const std::string& file, const Stream& shared, std::optional<double> most_rate,
             StreamTable& table, Mistakes& mistakes)
      : file_(file), shared_(shared), most_rate_(most_rate), table_(table), mistakes_(mistakes) {}

  void read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    for (; !text.empty(); ++line_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      if (!read_line(line)) return;
    }
    if (header_.empty()) tell(1, "", "the file is empty: its first line is name,token[,max_rate]");
  }

 private:
  /// False when what follows makes no sense.
  bool read_line(std::string_view line) {
    if (!is_valid_utf8(line)) {
      tell(1, "", "this line is not UTF-8");
      return lost_row();
    }
    const auto cells = parse_csv_line(line);
    if (!cells) {
      tell(cells.error().column, "", cells.error().message);
      return lost_row();
    }
    if (header_.empty()) return read_header(*cells);
    if (cells->size() != header_.size()) {
      tell(1, "",
           "expected " + std::to_string(header_.size()) + " cells as in the header, found " +
               std::to_string(cells->size()));
      return lost_row();
    }
    read_row(*cells);
    return true;
  }

  bool lost_row() {
    table_.add_nameless();
    return !header_.empty();
  }

  /// A file without its header may be all tokens, so unknown columns are not repeated.
  bool read_header(const std::vector<Cell>& cells) {
    bool good = true;
    const auto bad = [&](int column, std::string_view path, const std::string& what) {
      tell(column, path, what);
      good = false;
    };
    for (const Cell& cell : cells) {
      if (std::ranges::find(kColumns, cell.text) == kColumns.end()) {
        bad(cell.column, "", "unknown column in the header" + correction(cell.text, kColumns));
      } else if (std::ranges::find(header_, cell.text) != header_.end()) {
        bad(cell.column, cell.text, "this column is there twice");
      }
      header_.push_back(cell.text);
    }
    for (const std::string_view needed : {"name", "token"}) {
      if (std::ranges::find(header_, needed) == header_.end()) {
        bad(1, needed, "missing: the header has no such column");
      }
    }
    if (!good) table_.add_nameless();
    return good;
  }

  const Cell* cell(const std::vector<Cell>& cells, std::string_view column) const {
    const auto known = std::ranges::find(header_, column);
    return known == header_.end() ? nullptr
                                  : &cells[static_cast<std::size_t>(known - header_.begin())];
  }

  void read_row(const std::vector<Cell>& cells) {
    const Cell& name = *cell(cells, "name");
    const Cell& token = *cell(cells, "token");
    const Cell* rate = cell(cells, "max_rate");
    Stream stream = shared_;
    stream.name = name.text;
    if (Secret secret(token.text); is_usable_token(secret)) {
      stream.token = std::move(secret);
    } else {
      tell(token.column, "token", kTokenRule);
    }
    if (rate != nullptr && !rate->text.empty()) {
      if (const auto lines = parse_max_rate(rate->text, most_rate_)) {
        stream.max_rate = *lines;
      } else {
        tell(rate->column, "max_rate", lines.error().message);
      }
    }
    if (const auto flaw = flaw_in_stream_name(name.text); !flaw.empty()) {
      tell(name.column, "name", flaw);
      table_.add_nameless();
      return;
    }
    table_.add(std::move(stream), {file_, "", {line_, name.column}, {line_, token.column}});
  }

  void tell(int column, std::string_view path, std::string_view what) {
    mistakes_.add_in(file_, {line_, column}, path, what);
  }

  const std::string& file_;
  const Stream& shared_;
  std::optional<double> most_rate_;
  StreamTable& table_;
  Mistakes& mistakes_;
  std::vector<std::string> header_;
  int line_ = 1;
};

}  // namespace

void read_stream_list(std::string_view text, const std::string& file, const Stream& shared,
                      std::optional<double> most_rate, StreamTable& table, Mistakes& mistakes) {
  ListReader(file, shared, most_rate, table, mistakes).read(text);
}

}  // namespace plotbridge::config
