#include "plugin/endpoint/json_leaves.h"

#include "plugin/base/json_scan.h"

#include <algorithm>
#include <array>

namespace plotbridge::endpoint {
namespace {

// Reads on to the end of the object or array that was just opened; false on an error.
bool skip_open(JsonScanner& scanner) {
  const std::size_t outside = scanner.depth() - 1;
  while (scanner.depth() > outside) {
    if (scanner.next() == JsonToken::kError) return false;
  }
  return true;
}

bool opens(JsonToken token) {
  return token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin;
}

// Of a leaf that is written within other JSON, as in a record of the state, and read again.
constexpr std::size_t kMaxLeafDepth = JsonScanner::kMaxDepth - 8;

// A key may have dots of its own, each of which becomes an object.
bool too_deep(std::string_view path, std::size_t depth_of_value) {
  if (path.size() + depth_of_value <= kMaxLeafDepth) return false;
  const auto dots = static_cast<std::size_t>(std::ranges::count(path, '.'));
  return dots + depth_of_value > kMaxLeafDepth;
}

std::string_view slice(std::string_view text, std::size_t begin, const JsonScanner& scanner) {
  return text.substr(begin, scanner.end_offset() - begin);
}

}  // namespace

bool for_each_leaf(std::string_view object, const TakeLeaf& take, bool* path_too_long) {
  JsonScanner scanner(object);
  if (scanner.next() != JsonToken::kObjectBegin) return false;
  std::string path;
  // Where the key of each open object begins in `path`.
  std::array<std::size_t, JsonScanner::kMaxDepth + 1> key_at{};
  bool left_out = false;
  for (;;) {
    const JsonToken token = scanner.next();
    const std::size_t begin = scanner.offset();
    switch (token) {
      case JsonToken::kKey:
        path.resize(key_at[scanner.depth()]);
        left_out = scanner.escaped();
        if (path.size() + scanner.raw().size() > kMaxPathBytes) {
          left_out = true;
          if (path_too_long != nullptr) *path_too_long = true;
        }
        if (!left_out) path += scanner.raw();
        break;
      case JsonToken::kObjectBegin:
        if (left_out) {
          if (!skip_open(scanner)) return false;
          break;
        }
        path += '.';
        key_at[scanner.depth()] = path.size();
        break;
      case JsonToken::kObjectEnd:
        break;
      case JsonToken::kArrayBegin: {
        const std::size_t outside = scanner.depth() - 1;
        const JsonToken first = scanner.next();
        if (first == JsonToken::kError) return false;
        std::size_t deepest = std::max(scanner.depth(), outside + 1);
        while (scanner.depth() > outside) {
          if (scanner.next() == JsonToken::kError) return false;
          deepest = std::max(deepest, scanner.depth());
        }
        if (!left_out && !too_deep(path, deepest - outside)) {
          take(path, slice(object, begin, scanner),
               first == JsonToken::kObjectBegin ? LeafKind::kArrayOfObjects : LeafKind::kArray);
        }
        break;
      }
      case JsonToken::kString:
      case JsonToken::kNumber:
      case JsonToken::kTrue:
      case JsonToken::kFalse:
      case JsonToken::kNull:
        if (!left_out && !too_deep(path, 0)) {
          take(path, slice(object, begin, scanner), LeafKind::kScalar);
        }
        break;
      case JsonToken::kEnd:
        return true;
      case JsonToken::kArrayEnd:
      case JsonToken::kError:
        return false;
    }
  }
}

void for_each_element(std::string_view array,
                      const std::function<void(std::string_view json)>& take) {
  JsonScanner scanner(array);
  if (scanner.next() != JsonToken::kArrayBegin) return;
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kArrayEnd || token == JsonToken::kError) return;
    const std::size_t begin = scanner.offset();
    if (opens(token) && !skip_open(scanner)) return;
    take(slice(array, begin, scanner));
  }
}

bool for_each_member(std::string_view object,
                     const std::function<void(std::string_view key, std::string_view json)>& take) {
  JsonScanner scanner(object);
  if (scanner.next() != JsonToken::kObjectBegin) return false;
  while (scanner.next() == JsonToken::kKey) {
    const std::string_view key = scanner.raw();
    const JsonToken token = scanner.next();
    if (token == JsonToken::kError) return false;
    const std::size_t begin = scanner.offset();
    if (opens(token) && !skip_open(scanner)) return false;
    take(key, slice(object, begin, scanner));
  }
  return scanner.depth() == 0 && scanner.next() == JsonToken::kEnd;
}

bool is_json(std::string_view text) {
  JsonScanner scanner(text);
  JsonToken token = scanner.next();
  while (token != JsonToken::kEnd && token != JsonToken::kError) token = scanner.next();
  return token == JsonToken::kEnd;
}

bool is_json_array(std::string_view text) {
  return JsonScanner(text).next() == JsonToken::kArrayBegin && is_json(text);
}

std::string text_of_json(std::string_view json) {
  JsonScanner scanner(json);
  if (scanner.next() != JsonToken::kString) return std::string(json);
  std::string text;
  append_json_unescaped(scanner.raw(), text);
  return text;
}

std::size_t value_length(std::string_view text) {
  JsonScanner scanner(text);
  if (opens(scanner.next()) && !skip_open(scanner)) return text.size();
  return scanner.end_offset();
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace plotbridge::endpoint
