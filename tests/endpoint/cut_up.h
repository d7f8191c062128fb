// The ways in which the same bytes may arrive: at once, in two parts cut at every place, byte by
// byte.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

using Pieces = std::vector<std::string_view>;

inline std::vector<Pieces> ways_to_arrive(std::string_view bytes) {
  std::vector<Pieces> ways{{bytes}};
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    ways.push_back({bytes.substr(0, cut), bytes.substr(cut)});
  }
  Pieces single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  ways.push_back(single);
  return ways;
}

}  // namespace plotbridge::endpoint
