// Every key that a configuration may hold, built or not, in one table: checking, "did you mean" and
// the lists of allowed keys come from here. Leaves to others: reading values. Constant; any thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace plotbridge::config {

/// One of a few words that a key takes.
struct Choice {
  std::string_view name;
  bool built = true;
};

struct Block;

struct Key {
  std::string_view name;
  bool built = true;
  std::span<const Choice> choices = {};  // empty: not a choice
  /// What stands under the key when it is a map; of a list of maps each of them. Null: no map.
  const Block* block = nullptr;
};

/// A map of the configuration.
struct Block {
  std::span<const Key> keys;
  /// Keys that are not in the table are the user's own: they pass, each a map like this one or a
  /// value.
  bool open = false;
  const Block* own = nullptr;  // what a map under one of the user's own keys holds; null: anything

  const Key* find(std::string_view name) const;
};

/// The whole configuration.
extern const Block kConfigBlock;

enum class Which { kAll, kBuilt };
std::vector<std::string_view> names(std::span<const Key> keys, Which which);
std::vector<std::string_view> names(std::span<const Choice> choices, Which which);

}  // namespace plotbridge::config
