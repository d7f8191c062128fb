// The field paths of a route as one tree, so that a decoder finds all of them in one pass over a
// payload. Leaves to others: what a payload looks like. Const after construction; any thread.
#pragma once

#include "plugin/model/field_path.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::decode {

class FieldTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kRoot = 0;
  /// A place in the payload that no field asks for.
  static constexpr Node kNone = UINT32_MAX;

  explicit FieldTree(std::span<const FieldPath> fields);

  /// The node of a member or an element of what `node` stands for; kNone for a part nobody asked
  /// for.
  Node member(Node node, std::string_view name) const {
    if (node == kNone) return kNone;
    for (const auto& [known, child] : parts_[node].members) {
      if (known == name) return child;
    }
    return kNone;
  }
  Node element(Node node, std::size_t index) const {
    if (node == kNone) return kNone;
    const auto& elements = parts_[node].elements;
    if (elements.empty() || index > elements.back().first) return kNone;  // of a long array most
    const auto found = std::ranges::lower_bound(elements, index, {}, &Element::first);
    return found->first == index ? found->second : kNone;
  }

  /// The fields that are exactly this node.
  std::span<const std::size_t> fields_at(Node node) const { return parts_[node].fields_at; }
  /// The fields that are this node or a part of it.
  std::span<const std::size_t> fields_within(Node node) const { return parts_[node].fields_within; }

 private:
  using Element = std::pair<std::size_t, Node>;
  struct Part {
    std::vector<std::pair<std::string, Node>> members;
    std::vector<Element> elements;  // by index
    std::vector<std::size_t> fields_at;
    std::vector<std::size_t> fields_within;
  };
  Node child(Node parent, const FieldPath::Step& step);

  std::vector<Part> parts_;
};

}  // namespace plotbridge::decode
