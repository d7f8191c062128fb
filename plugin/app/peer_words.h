// What the other side of a REST call wrote, so that it may be shown and logged: short, on one line,
// in UTF-8, and without what is secret here. Leaves to others: where the words stand (plot_maker).
// Any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/model/secret.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::app {

class PeerWords {
 public:
  /// Longer words are cut.
  static constexpr std::size_t kMostCharacters = 200;

  /// Knows the secrets of `config`: tokens, and the keys and passwords of those who make plots.
  explicit PeerWords(const config::Config& config);

  std::string shown(std::string_view words) const;

 private:
  void hide(const Secret& secret, std::string_view marker);

  // What is hidden, and what stands in its place. The longest first: one may begin another.
  std::vector<std::pair<Secret, std::string_view>> secrets_;
};

}  // namespace plotbridge::app
