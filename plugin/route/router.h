// Topic to the filters that match it, by a trie over levels. Leaves to others: what a match leads
// to, and remembering the answer for a topic (topic_cache). Const after the last `add`; any thread.
#pragma once

#include "plugin/route/topic_filter.h"

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace plotbridge::route {

/// A filter that matches, with the levels it captured (views into the topic), in the filter's
/// order.
struct Match {
  std::size_t filter = 0;  // the id given to `add`
  std::vector<std::string_view> captures;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Several filters may have the same id: each that matches is a match of its own.
  void add(const TopicFilter& filter, std::size_t id);

  /// Every filter that matches `topic`, by rising id. `$SYS/...` is matched by no wildcard at its
  /// first level.
  std::vector<Match> match(std::string_view topic) const;

 private:
  struct Trie;
  std::unique_ptr<Trie> trie_;
};

}  // namespace plotbridge::route
