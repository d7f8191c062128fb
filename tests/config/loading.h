// What the tests of config share: mistakes as lines of text, and configurations that must be good.
#pragma once

#include "plugin/config/yaml_loader.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::config {

inline std::vector<std::string> lines_of(const std::vector<Mistake>& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(mistake.to_string());
  return lines;
}

/// The mistakes of `text` in a file `a`, as a:LINE:COL: message.
inline std::vector<std::string> mistakes_in(std::string_view text) {
  return lines_of(load_text(text, "a").mistakes);
}

/// The configuration of a text without a mistake; throws what is wrong with any other.
inline Config good(std::string_view text, const std::string& path = "a") {
  Loaded loaded = load_text(text, path);
  std::string told;
  for (const std::string& line : lines_of(loaded.mistakes)) told += line + '\n';
  if (!told.empty()) throw std::runtime_error(told);
  return std::move(loaded.config);
}

using Lines = std::vector<std::string>;

}  // namespace plotbridge::config
