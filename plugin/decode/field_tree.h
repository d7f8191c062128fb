// The field paths of a route as one tree, so that a decoder finds all of them in one pass over a
// payload: each place costs the logarithm of the names or indexes that are wanted there. Leaves to
// others: what a payload looks like. Const after construction; any thread.
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
    const auto& members = parts_[node].members;
    const auto found = std::ranges::lower_bound(members, name, ByName(), &Member::first);
    return found != members.end() && found->first == name ? found->second : kNone;
  }
  Node element(Node node, std::size_t index) const {
    if (node == kNone) return kNone;
    const auto& elements = parts_[node].elements;
    // Most elements of a long array are beyond the last one that is wanted.
    if (elements.empty() || index > elements.back().first) return kNone;
    const auto found = std::ranges::lower_bound(elements, index, {}, &Element::first);
    return found->first == index ? found->second : kNone;
  }

  /// The fields that are exactly this node.
  std::span<const std::size_t> fields_at(Node node) const { return parts_[node].fields_at; }
  /// The fields that are this node or a part of it.
  std::span<const std::size_t> fields_within(Node node) const { return parts_[node].fields_within; }

 private:
  using Member = std::pair<std::string, Node>;
  using Element = std::pair<std::size_t, Node>;
  // The size first, because most names differ in it.
  struct ByName {
    bool operator()(std::string_view a, std::string_view b) const {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    }
  };
  struct Part {
    std::vector<Member> members;    // by name
    std::vector<Element> elements;  // by index
    std::vector<std::size_t> fields_at;
    std::vector<std::size_t> fields_within;
  };
  Node child(Node parent, const FieldPath::Step& step);

  std::vector<Part> parts_;
};

}  // namespace plotbridge::decode
