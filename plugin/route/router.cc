#include "plugin/route/router.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <utility>

namespace plotbridge::route {
namespace {

using NodeId = std::uint32_t;
using LevelId = std::uint32_t;
constexpr NodeId kRoot = 0;
constexpr NodeId kNone = 0;  // the root is nobody's child

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

struct Entry {
  std::size_t id;
  std::vector<std::size_t> capture_levels;
};

struct Node {
  NodeId plus = kNone;
  std::vector<std::uint32_t> ends;       // entries whose filter ends here
  std::vector<std::uint32_t> hash_ends;  // entries whose filter goes on with #
};

}  // namespace

// Nodes are numbers in one table and every level's text is known by a number, so that neither a
// deep filter nor a deep topic costs stack, and a topic's level is hashed once however many nodes
// it is tried at.
struct Router::Trie {
  std::vector<Node> nodes{Node{}};
  std::vector<Entry> entries;
  std::unordered_map<std::string, LevelId, TextHash, std::equal_to<>> level_ids;
  std::unordered_map<std::uint64_t, NodeId> edges;

  static std::uint64_t edge(NodeId parent, LevelId level) {
    return std::uint64_t{parent} << 32 | level;
  }

  NodeId new_node() {
    nodes.emplace_back();
    return static_cast<NodeId>(nodes.size() - 1);
  }

  NodeId plus_child(NodeId parent) {
    if (nodes[parent].plus == kNone) {
      const NodeId child = new_node();
      nodes[parent].plus = child;
    }
    return nodes[parent].plus;
  }

  NodeId exact_child(NodeId parent, const std::string& level) {
    const LevelId level_id =
        level_ids.try_emplace(level, static_cast<LevelId>(level_ids.size())).first->second;
    const auto [found, is_new] = edges.try_emplace(edge(parent, level_id), kNone);
    if (is_new) found->second = new_node();
    return found->second;
  }
};

Router::Router() : trie_(std::make_unique<Trie>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(const TopicFilter& filter, std::size_t id) {
  const auto entry = static_cast<std::uint32_t>(trie_->entries.size());
  trie_->entries.push_back({id, filter.capture_levels()});
  NodeId node = kRoot;
  for (const std::string& level : filter.levels()) {
    if (level == "#") {
      trie_->nodes[node].hash_ends.push_back(entry);
      return;
    }
    node = level == "+" ? trie_->plus_child(node) : trie_->exact_child(node, level);
  }
  trie_->nodes[node].ends.push_back(entry);
}

std::vector<Match> Router::match(std::string_view topic) const {
  const Trie& trie = *trie_;
  std::vector<std::string_view> levels;
  std::vector<std::uint32_t> found;
  std::vector<NodeId> nodes{kRoot};
  std::vector<NodeId> next;
  // One allocation each for nearly every topic there is.
  constexpr std::size_t kUsualLevels = 12;
  levels.reserve(kUsualLevels);
  nodes.reserve(kUsualLevels);
  next.reserve(kUsualLevels);
  found.reserve(kUsualLevels);
  const auto add_all = [&found](const std::vector<std::uint32_t>& entries) {
    found.insert(found.end(), entries.begin(), entries.end());
  };
  bool wildcards = !topic.starts_with('$');
  bool more = true;
  for (std::size_t at = 0; more && !nodes.empty();) {
    const std::size_t slash = std::min(topic.find('/', at), topic.size());
    const std::string_view level = topic.substr(at, slash - at);
    levels.push_back(level);
    more = slash != topic.size();
    at = slash + 1;

    const auto level_id = trie.level_ids.find(level);
    next.clear();
    for (const NodeId node : nodes) {
      if (wildcards) {
        add_all(trie.nodes[node].hash_ends);
        if (trie.nodes[node].plus != kNone) next.push_back(trie.nodes[node].plus);
      }
      if (level_id == trie.level_ids.end()) continue;
      const auto child = trie.edges.find(Trie::edge(node, level_id->second));
      if (child != trie.edges.end()) next.push_back(child->second);
    }
    nodes.swap(next);
    wildcards = true;
  }
  for (const NodeId node : nodes) {
    add_all(trie.nodes[node].ends);
    add_all(trie.nodes[node].hash_ends);
  }

  // Those of one id in the order in which they were added.
  std::ranges::sort(found, [&trie](std::uint32_t a, std::uint32_t b) {
    return std::pair(trie.entries[a].id, a) < std::pair(trie.entries[b].id, b);
  });
  std::vector<Match> matches;
  matches.reserve(found.size());
  for (const std::uint32_t entry : found) {
    Match& match = matches.emplace_back();
    match.filter = trie.entries[entry].id;
    for (const std::size_t level : trie.entries[entry].capture_levels) {
      match.captures.push_back(levels[level]);
    }
  }
  return matches;
}

}  // namespace plotbridge::route
