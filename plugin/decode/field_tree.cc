#include "plugin/decode/field_tree.h"

#include <algorithm>
#include <variant>

namespace plotbridge::decode {

FieldTree::FieldTree(std::span<const FieldPath> fields) : parts_(1) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    Node node = kRoot;
    parts_[node].fields_within.push_back(i);
    for (const FieldPath::Step& step : fields[i].steps) {
      node = child(node, step);
      parts_[node].fields_within.push_back(i);
    }
    parts_[node].fields_at.push_back(i);
  }
}

FieldTree::Node FieldTree::child(Node parent, const FieldPath::Step& step) {
  const auto* name = std::get_if<std::string>(&step);
  const Node known =
      name != nullptr ? member(parent, *name) : element(parent, std::get<std::size_t>(step));
  if (known != kNone) return known;
  const auto added = static_cast<Node>(parts_.size());
  if (name != nullptr) {
    auto& members = parts_[parent].members;
    members.insert(std::ranges::lower_bound(members, *name, ByName(), &Member::first),
                   Member{*name, added});
  } else {
    auto& elements = parts_[parent].elements;
    const Element element{std::get<std::size_t>(step), added};
    elements.insert(std::ranges::lower_bound(elements, element), element);
  }
  parts_.emplace_back();
  return added;
}

}  // namespace plotbridge::decode
