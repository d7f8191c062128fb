#include "plugin/decode/json_fields.h"

#include "plugin/model/line.h"

#include <algorithm>
#include <array>

namespace plotbridge::decode {
namespace {

using Node = FieldTree::Node;

constexpr std::size_t kMostKeyBytes = std::size_t{64} << 10;
// Of all unescaped texts of a document; a line holds no more than half of it.
constexpr std::size_t kMostTextBytes = 2 * kMaxLineBytes;

/// An object or array that is being read.
struct OpenNode {
  Node node;
  std::size_t start;
  std::size_t next_index;
  bool array;
};

}  // namespace

bool JsonFields::read(std::string_view document, JsonScanner& scanner) {
  std::fill(slots_.begin(), slots_.end(), Value::missing());
  texts_.clear();
  std::array<OpenNode, JsonScanner::kMaxDepth> open;
  std::size_t depth = 0;
  Node node = FieldTree::kRoot;  // of the next value
  for (;;) {
    const JsonToken token = scanner.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) return false;
    if (token == JsonToken::kKey) {
      node = member(open[depth - 1].node, scanner);
      continue;
    }
    if (token == JsonToken::kObjectEnd || token == JsonToken::kArrayEnd) {
      const OpenNode& done = open[--depth];
      if (done.node == FieldTree::kNone) continue;
      const std::size_t size = scanner.end_offset() - done.start;
      for (const std::size_t slot : tree_.fields_at(done.node)) {
        slots_[slot] = Value::json(document.substr(done.start, size));
        elements_[slot] = done.next_index;
      }
      continue;
    }
    if (depth > 0 && open[depth - 1].array) {
      node = tree_.element(open[depth - 1].node, open[depth - 1].next_index++);
    }
    if (token == JsonToken::kObjectBegin || token == JsonToken::kArrayBegin) {
      forget(node);
      open[depth++] = {node, scanner.offset(), 0, token == JsonToken::kArrayBegin};
    } else if (node != FieldTree::kNone) {
      put(node, scalar(token, document, scanner));
    }
  }
}

Node JsonFields::member(Node node, const JsonScanner& scanner) {
  if (node == FieldTree::kNone || !scanner.escaped()) return tree_.member(node, scanner.raw());
  // Longer than any name that a route asks for.
  if (scanner.raw().size() > kMostKeyBytes) return FieldTree::kNone;
  key_.clear();
  append_json_unescaped(scanner.raw(), key_);
  return tree_.member(node, key_);
}

Value JsonFields::scalar(JsonToken token, std::string_view document, const JsonScanner& scanner) {
  if (token == JsonToken::kNumber) return Value::number(scanner.raw());
  if (token == JsonToken::kNull) return Value::null();
  if (token != JsonToken::kString) return Value::json(scanner.raw());
  if (!scanner.escaped()) return Value::of_text(scanner.raw());
  // What has no room stays as it stands: a JSON string, which the encoder writes all the same.
  if (scanner.raw().size() > kMostTextBytes - texts_.size()) {
    return Value::json(document.substr(scanner.offset(), scanner.end_offset() - scanner.offset()));
  }
  // Unescaped text is never longer, so this keeps earlier values where they are.
  if (texts_.empty()) texts_.reserve(std::min(document.size(), kMostTextBytes));
  const std::size_t start = texts_.size();
  append_json_unescaped(scanner.raw(), texts_);
  return Value::of_text(std::string_view(texts_).substr(start));
}

void JsonFields::forget(Node node) {
  if (node == FieldTree::kNone) return;
  for (const std::size_t slot : tree_.fields_within(node)) slots_[slot] = Value::missing();
}

void JsonFields::put(Node node, const Value& value) {
  const auto slots = tree_.fields_at(node);
  if (slots.size() != tree_.fields_within(node).size()) forget(node);
  for (const std::size_t slot : slots) slots_[slot] = value;
}

}  // namespace plotbridge::decode
