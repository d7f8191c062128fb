#include "plugin/config/map_reader.h"

#include "plugin/base/number_text.h"
#include "plugin/config/did_you_mean.h"
#include "plugin/config/json_text.h"
#include "plugin/config/units.h"

#include <algorithm>
#include <unordered_set>

namespace plotbridge::config {
namespace {

std::string not_built(std::string_view name) {
  return shown(name) + " is not built yet in this version";
}

std::string unknown_key(const std::string& name, std::span<const Key> keys) {
  const auto built = names(keys, Which::kBuilt);
  const auto near = nearest(name, names(keys, Which::kAll));
  if (!near || Block{keys}.find(*near)->built) return "unknown key" + correction(name, built);
  return "unknown key; did you mean `" + std::string(*near) +
         "` (not built yet)? allowed: " + comma_list(built);
}

}  // namespace

void tell_expected(Mistakes& mistakes, const Node& node, std::string_view path,
                   std::string_view expected) {
  mistakes.add(node.mark, path,
               "expected " + std::string(expected) + ", found " +
                   (node.is_scalar() ? shown(node.text) : std::string(kind_name(node))));
}

MapReader::MapReader(const Node& map, std::string path, const Block& block, Mistakes& mistakes)
    : map_(map), path_(std::move(path)), block_(&block), mistakes_(mistakes) {
  if (map_.is_map()) {
    check_keys();
  } else {
    mistakes_.add(map_.mark, path_,
                  "expected a map (key: value), found " + std::string(kind_name(map_)));
  }
}

void MapReader::check_keys() {
  std::unordered_set<std::string_view> seen;
  for (const Node::Key& key : map_.keys) {
    kept_.push_back(false);
    if (!seen.insert(key.name).second) {
      mistakes_.add(key.mark, path_of(key.name), "this key is there twice: remove one");
      continue;
    }
    const Key* known = block_->find(key.name);
    if (known == nullptr && !block_->open) {
      mistakes_.add(key.mark, path_of(key.name), unknown_key(key.name, block_->keys));
      if (const auto near = nearest(key.name, names(block_->keys, Which::kBuilt))) {
        meant_.push_back(*near);
      }
    } else if (known != nullptr && !known->built) {
      mistakes_.add(key.mark, path_of(key.name), not_built(key.name) + ": remove it");
    } else {
      kept_.back() = true;
    }
  }
}

const Node* MapReader::find(std::string_view key) const {
  for (std::size_t i = 0; i < map_.keys.size(); ++i) {
    if (map_.keys[i].name == key) return kept_[i] ? &map_.items[i] : nullptr;
  }
  return nullptr;
}

bool MapReader::any() const { return std::ranges::find(kept_, true) != kept_.end(); }

std::string MapReader::path_of(std::string_view key) const {
  constexpr std::size_t kMaxKey = 60;
  const std::string name = shown(key.substr(0, kMaxKey));
  return (path_.empty() ? "" : path_ + '.') + name.substr(1, name.size() - 2);
}

Mark MapReader::key_mark(std::string_view key) const {
  const auto known = std::ranges::find(map_.keys, key, &Node::Key::name);
  return known != map_.keys.end() ? known->mark : map_.mark;
}

void MapReader::wrong(std::string_view key, std::string_view what) const {
  const Node* node = find(key);
  mistakes_.add(node != nullptr ? node->mark : map_.mark, path_of(key), what);
}

void MapReader::require(std::string_view key, std::string_view what) const {
  if (!usable()) return;
  const bool there = std::ranges::find(map_.keys, key, &Node::Key::name) != map_.keys.end();
  const bool misspelled = std::ranges::find(meant_, key) != meant_.end();
  if (!there && !misspelled)
    mistakes_.add(map_.mark, path_of(key), "missing: " + std::string(what));
}

const Node* MapReader::scalar(std::string_view key, std::string_view expected) const {
  const Node* node = find(key);
  if (node == nullptr || node->is_scalar()) return node;
  tell_expected(mistakes_, *node, path_of(key), expected);
  return nullptr;
}

bool MapReader::text(std::string_view key, std::string& out) const {
  const Node* node = scalar(key, "a text");
  if (node == nullptr) return false;
  if (node->text.empty()) {
    wrong(key, "is empty");
    return false;
  }
  out = node->text;
  return true;
}

bool MapReader::boolean(std::string_view key, bool& out) const {
  const Node* node = scalar(key, "true or false");
  if (node == nullptr) return false;
  if (node->text != "true" && node->text != "false") {
    tell_expected(mistakes_, *node, path_of(key), "true or false");
    return false;
  }
  out = node->text == "true";
  return true;
}

bool MapReader::integer(std::string_view key, std::int64_t least, std::int64_t most,
                        std::int64_t& out) const {
  const std::string expected =
      "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  const Node* node = scalar(key, expected);
  if (node == nullptr) return false;
  const auto value = parse_integer(node->text);
  if (!value || *value < least || *value > most) {
    tell_expected(mistakes_, *node, path_of(key), expected);
    return false;
  }
  out = *value;
  return true;
}

bool MapReader::number(std::string_view key, double& out) const {
  constexpr std::string_view kExpected = "a number such as 0.1";
  const Node* node = scalar(key, kExpected);
  if (node == nullptr) return false;
  const auto value = scalar_type(*node) == ScalarType::kNumber
                         ? number_value(to_json(*node, path_of(key), mistakes_))
                         : std::nullopt;
  if (!value) {
    tell_expected(mistakes_, *node, path_of(key), kExpected);
    return false;
  }
  out = *value;
  return true;
}

bool MapReader::duration(std::string_view key, Duration least, Duration most, Duration& out) const {
  const Node* node = scalar(key, "a duration such as 30s");
  if (node == nullptr) return false;
  const auto value = parse_duration(node->text);
  if (!value) {
    wrong(key, value.error().message + ", found " + shown(node->text));
  } else if (*value < least || *value > most) {
    wrong(key, "expected a duration from " + to_text(least) + " to " + to_text(most) + ", found " +
                   shown(node->text));
  } else {
    out = *value;
    return true;
  }
  return false;
}

bool MapReader::size(std::string_view key, std::size_t least, std::size_t most,
                     std::size_t& out) const {
  const Node* node = scalar(key, "a size such as 64MiB");
  if (node == nullptr) return false;
  const auto value = parse_size(node->text);
  if (!value) {
    wrong(key, value.error().message + ", found " + shown(node->text));
  } else if (*value < least || *value > most) {
    wrong(key, "expected a size from " + size_text(least) + " to " + size_text(most) + ", found " +
                   shown(node->text));
  } else {
    out = *value;
    return true;
  }
  return false;
}

std::optional<std::string_view> MapReader::chosen(std::string_view key) const {
  const auto choices = block_->find(key)->choices;
  const auto built = names(choices, Which::kBuilt);
  const Node* node = scalar(key, "one of " + comma_list(built));
  if (node == nullptr) return std::nullopt;
  for (const Choice& choice : choices) {
    if (choice.name != node->text) continue;
    if (choice.built) return choice.name;
    wrong(key, not_built(choice.name) + "; allowed: " + comma_list(built));
    return std::nullopt;
  }
  wrong(key, "unknown value " + shown(node->text) + correction(node->text, built));
  return std::nullopt;
}

std::optional<MapReader> MapReader::map(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  return MapReader(*node, path_of(key), *block_->find(key)->block, mistakes_);
}

std::vector<MapReader> MapReader::maps(std::string_view key) const {
  std::vector<MapReader> result;
  const Node* node = find(key);
  if (node == nullptr) return result;
  if (!node->is_list()) {
    tell_expected(mistakes_, *node, path_of(key), "a list (- key: value)");
    return result;
  }
  result.reserve(node->items.size());
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    result.emplace_back(node->items[i], path_of(key) + '[' + std::to_string(i) + ']',
                        *block_->find(key)->block, mistakes_);
  }
  return result;
}

std::vector<MapReader::Text> MapReader::texts(std::string_view key) const {
  std::vector<Text> result;
  const Node* node = find(key);
  if (node == nullptr) return result;
  const auto take = [&](const Node& item, std::string path) {
    if (item.is_map()) {
      mistakes_.add(item.mark, path,
                    "expected a text, found a map: a text that starts with { is quoted");
    } else if (!item.is_scalar()) {
      tell_expected(mistakes_, item, path, "a text");
    } else if (item.text.empty()) {
      mistakes_.add(item.mark, path, "is empty");
    } else {
      result.push_back({&item, std::move(path)});
    }
  };
  if (!node->is_list()) {
    take(*node, path_of(key));
  } else if (node->items.empty()) {
    wrong(key, "the list is empty");
  } else {
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      take(node->items[i], path_of(key) + '[' + std::to_string(i) + ']');
    }
  }
  return result;
}

}  // namespace plotbridge::config
