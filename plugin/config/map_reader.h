// One map of the configuration, held against its block of the schema: unknown, doubled and not yet
// built keys are told when it is made, wrong values when they are asked for. Leaves to others: what
// values mean together. Lives while the tree and the mistakes do; one thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/config/mistakes.h"
#include "plugin/config/node.h"
#include "plugin/config/schema.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::config {

class MapReader {
 public:
  /// `path` is that of the map itself, empty at the top. What is no map is told and read as an
  /// empty one.
  MapReader(const Node& map, std::string path, const Block& block, Mistakes& mistakes);

  const std::string& path() const { return path_; }
  Mark mark() const { return map_.mark; }
  Mistakes& mistakes() const { return mistakes_; }
  /// What a map under one of the user's own keys holds; null: anything.
  const Block* own_block() const { return block_->own; }
  /// Whether it was a map: otherwise that one mistake was told and what is missing is no further
  /// one.
  bool usable() const { return map_.is_map(); }

  /// The value of a key that is known and built; of a doubled key the first. Null: not there.
  const Node* find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Whether there is any key that is known and built.
  bool any() const;
  std::string path_of(std::string_view key) const;
  /// Where the key itself stands; the map when it is not there.
  Mark key_mark(std::string_view key) const;
  /// A mistake at the value of `key`, or at the map when the key is not there.
  void wrong(std::string_view key, std::string_view what) const;
  /// Tells when `key` is missing, unless it was misspelled; `what` says who needs it.
  void require(std::string_view key, std::string_view what) const;

  // Each of these leaves `out` as it is when the key is absent or wrong; true when it was set.
  bool text(std::string_view key, std::string& out) const;
  bool boolean(std::string_view key, bool& out) const;
  bool integer(std::string_view key, std::int64_t least, std::int64_t most,
               std::int64_t& out) const;
  /// With or without a fraction.
  bool number(std::string_view key, double& out) const;
  bool duration(std::string_view key, Duration least, Duration most, Duration& out) const;
  bool size(std::string_view key, std::size_t least, std::size_t most, std::size_t& out) const;
  /// `values` pairs each built choice of the schema with what it stands for.
  template <class T>
  bool choice(std::string_view key, std::initializer_list<std::pair<std::string_view, T>> values,
              T& out) const {
    const auto name = chosen(key);
    for (const auto& [value_name, value] : values) {
      if (name == value_name) {
        out = value;
        return true;
      }
    }
    return false;
  }

  /// The map under `key`, read by its own block.
  std::optional<MapReader> map(std::string_view key) const;
  /// The maps of the list under `key`, each read by the block of its element.
  std::vector<MapReader> maps(std::string_view key) const;
  /// The texts under `key`: one, or a list of them, with their paths; not empty. Others are told.
  struct Text {
    const Node* node;
    std::string path;
  };
  std::vector<Text> texts(std::string_view key) const;

  /// Calls `take(key, value, path)` for every key of the user's own, in order, the first of doubled
  /// ones.
  template <class Take>
  void each_own(Take take) const {
    for (std::size_t i = 0; i < map_.keys.size(); ++i) {
      if (kept_[i] && block_->find(map_.keys[i].name) == nullptr) {
        take(map_.keys[i], map_.items[i], path_of(map_.keys[i].name));
      }
    }
  }

 private:
  void check_keys();
  const Node* scalar(std::string_view key, std::string_view expected) const;
  std::optional<std::string_view> chosen(std::string_view key) const;

  const Node& map_;
  std::string path_;
  const Block* block_;
  Mistakes& mistakes_;
  std::vector<bool> kept_;               // keys[i] is known, built and not doubled
  std::vector<std::string_view> meant_;  // what unknown keys were probably meant to be
};

/// Tells that `node` is not what was expected, and what it is.
void tell_expected(Mistakes& mistakes, const Node& node, std::string_view path,
                   std::string_view expected);

}  // namespace plotbridge::config
