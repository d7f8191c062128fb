// Lines that are numbered, and how they must have come where history trickles behind what is live.
#pragma once

#include <string>
#include <vector>

namespace plotbridge::test {

inline std::string line_of(int number, const std::string& padding = "") {
  return "{\"y\":" + std::to_string(number) +
         (padding.empty() ? "" : ",\"text\":\"" + padding + '"') + "}";
}
inline int number_of(const std::string& line) { return std::stoi(line.substr(5)); }

/// Nothing, when the lines are two series that were merged, each of which grows.
inline std::string third_series(const std::vector<std::string>& arrived) {
  int newest[] = {-1, -1};
  for (const std::string& line : arrived) {
    const int number = number_of(line);
    int& greater = newest[0] > newest[1] ? newest[0] : newest[1];
    int& smaller = newest[0] > newest[1] ? newest[1] : newest[0];
    if (number <= smaller) return line;
    (number > greater ? greater : smaller) = number;
  }
  return "";
}

}  // namespace plotbridge::test
