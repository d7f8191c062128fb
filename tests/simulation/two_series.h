// How lines that are numbers must have come where history trickles behind what is live.
#pragma once

#include <string>
#include <vector>

namespace plotbridge::test {

/// Nothing, when the lines are two series that were merged, each of which grows.
inline std::string third_series(const std::vector<std::string>& arrived) {
  int newest[] = {-1, -1};
  for (const std::string& line : arrived) {
    const int number = std::stoi(line);
    int& greater = newest[0] > newest[1] ? newest[0] : newest[1];
    int& smaller = newest[0] > newest[1] ? newest[1] : newest[0];
    if (number <= smaller) return line;
    (number > greater ? greater : smaller) = number;
  }
  return "";
}

}  // namespace plotbridge::test
