// The keys of a point together: a dot nests, and the line is written in their order, so that keys
// below one parent must stand together. Leaves to others: values. Pure; one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace plotbridge::config {

class PointKeys {
 public:
  /// Takes the next key. What is wrong with it, empty: nothing.
  std::string add(std::string_view key);

 private:
  std::unordered_set<std::string> values_;
  std::unordered_set<std::string> parents_;
  std::string last_;
};

}  // namespace plotbridge::config
