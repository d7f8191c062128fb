#include "plugin/http/grid_response.h"

#include "plugin/endpoint/part_reader.h"
#include "plugin/http/json_response.h"

#include <memory>
#include <string>

namespace plotbridge::http {
namespace {

using endpoint::Grid;
using endpoint::PartReader;

// What stands in a list of columns, up to its end and that of the object around it.
class ColumnsReader : public PartReader {
 public:
  explicit ColumnsReader(const Grid& grid) : grid_(grid.weak_from_this()) {}

 private:
  bool lost() const override { return grid_.expired(); }

  bool append_piece(std::size_t, TimePoint, std::string& out) override {
    const auto grid = grid_.lock();
    if (next_ == grid->columns.size()) {
      out += "]}";
      return false;
    }
    const Grid::Column& column = grid->columns[next_];
    if (next_++ > 0) out += ',';
    out += JsonObject().text("name", column.name).text("uid", column.uid).end();
    return true;
  }

  std::weak_ptr<const Grid> grid_;
  std::size_t next_ = 0;
};

class ContentReader : public PartReader {
 public:
  explicit ContentReader(const Grid& grid) : grid_(grid.weak_from_this()) {}

 private:
  bool lost() const override { return grid_.expired(); }

  bool append_piece(std::size_t room, TimePoint, std::string& out) override {
    const auto grid = grid_.lock();
    if (next_ == grid->columns.size()) {
      out += "}}";
      return false;
    }
    const Grid::Column& column = grid->columns[next_];
    if (at_ == 0) {
      const std::string begun = JsonObject().json(column.name, "{\"data\":").end();
      if (next_ > 0) out += ',';
      out += std::string_view(begun).substr(1, begun.size() - 2);
    }
    const std::string_view data = std::string_view(column.data_json).substr(at_, room);
    out += data;
    at_ += data.size();
    if (at_ < column.data_json.size()) return true;
    const std::string behind =
        JsonObject().text("uid", column.uid).json("order", std::to_string(next_)).end();
    out += ',';
    out += std::string_view(behind).substr(1);
    ++next_;
    at_ = 0;
    return true;
  }

  std::weak_ptr<const Grid> grid_;
  std::size_t next_ = 0;
  std::size_t at_ = 0;  // in the data of that column
};

}  // namespace

HttpResponse grid_response(const Grid& grid, std::string_view file) {
  file.remove_suffix(1);
  HttpResponse response = json_response(200, std::string(file) + ",\"cols\":[");
  response.rest = std::make_shared<ColumnsReader>(grid);
  return response;
}

HttpResponse grid_content_response(const Grid& grid) {
  HttpResponse response = json_response(200, "{\"cols\":{");
  response.rest = std::make_shared<ContentReader>(grid);
  return response;
}

}  // namespace plotbridge::http
