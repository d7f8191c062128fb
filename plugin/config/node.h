// A piece of a parsed YAML document: nothing, a scalar, a list or a map whose pairs keep their
// order and their doubled keys. Leaves to others: what it means. Pure value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::config {

/// A place in a file; both count from 1, columns in bytes.
struct Mark {
  int line = 1;
  int column = 1;
  bool operator==(const Mark&) const = default;
};

struct Node {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Key {
    std::string name;
    Mark mark;
  };

  Kind kind = Kind::kNull;
  /// Of the value itself; of a null in a map that of its key, because it has no place of its own.
  Mark mark;
  std::string text;         // kScalar
  bool quoted = false;      // kScalar: a text whatever it looks like
  std::vector<Key> keys;    // kMap: keys[i] is the key of items[i]
  std::vector<Node> items;  // kList and kMap

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
};

/// "a list": what a person would call it.
std::string_view kind_name(const Node& node);

/// How many nodes there are in it, itself included.
std::size_t node_count(const Node& node);

/// `text` in backquotes as it may stand in a mistake: shortened.
std::string shown(std::string_view text);

}  // namespace plotbridge::config
