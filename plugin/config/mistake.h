// One thing that is wrong with a configuration, at a place a person can go to. Leaves to others:
// finding it. Pure value; any thread.
#pragma once

#include <string>

namespace plotbridge::config {

/// Lines and columns count from 1. The message never holds a secret.
struct Mistake {
  std::string file;
  int line = 1;
  int column = 1;
  std::string message;

  /// FILE:LINE:COL
  std::string place() const;
  /// FILE:LINE:COL: message
  std::string to_string() const;

  bool operator==(const Mistake&) const = default;
};

}  // namespace plotbridge::config
