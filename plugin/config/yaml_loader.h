// YAML text to a checked Config, or every mistake at once. Leaves to others: printing, exit codes.
// Reads the files that the configuration names (secrets, token lists). Any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/mistake.h"

#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::config {

struct Loaded {
  Config config;                  // good only when there is no mistake
  std::vector<Mistake> mistakes;  // in the order of the file
  std::vector<Mistake> warnings;  // what a person should change, but need not
};

/// Reads `path`; what it says is relative to its folder.
Loaded load_file(const std::string& path);
/// The same from memory; `path` stands in mistakes and its folder is where relative paths start.
Loaded load_text(std::string_view text, const std::string& path);

}  // namespace plotbridge::config
