#include "plugin/config/node.h"

#include "plugin/base/utf8.h"

namespace plotbridge::config {

std::string_view kind_name(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kScalar:
      return "a text";
    case Node::Kind::kList:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

std::size_t node_count(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += node_count(item);
  return count;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMaxShown = 60;
  std::string safe = "`";
  append_valid_utf8(text.substr(0, kMaxShown), safe);
  if (text.size() > kMaxShown) safe += "...";
  return safe + '`';
}

}  // namespace plotbridge::config
