#include "plugin/decode/json_paths.h"

#include "plugin/base/json_scan.h"
#include "plugin/base/utf8.h"

#include <cstddef>
#include <vector>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kMostPaths = 30;
constexpr std::size_t kShownNameBytes = 60;  // of each name

/// An object or array that is being read.
struct OpenPath {
  std::size_t path_size;  // of the path to it
  bool array;
  std::size_t next_index = 0;
};

/// Appends the part of the path that leads to the next element.
void append_index(OpenPath& open, std::string& path) {
  path.resize(open.path_size);
  path += '[' + std::to_string(open.next_index++) + ']';
}

}  // namespace

std::string json_paths(std::string_view document) {
  JsonScanner scanner(document);
  std::vector<OpenPath> open;
  std::string path;
  std::string paths;
  for (std::size_t count = 0;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return paths;
    if (token == JsonToken::kError) return {};
    if (token == JsonToken::kKey) {
      path.resize(open.back().path_size);
      if (!path.empty()) path += '.';
      std::string name;
      append_json_unescaped(scanner.raw(), name);
      append_valid_utf8(whole_characters(name, kShownNameBytes), path);
      continue;
    }
    if (token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd) {
      open.pop_back();
      continue;
    }
    if (!open.empty() && open.back().array) append_index(open.back(), path);
    if (token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin) {
      open.push_back({path.size(), token == JsonToken::kArrayBegin});
    } else if (!path.empty()) {
      if (++count > kMostPaths) return paths + ", ...";
      paths += (paths.empty() ? "" : ", ") + path;
    }
  }
}

}  // namespace plotbridge::decode
