// A nested JSON object kept as leaves under dotted paths: the style of a trace, the layout of a
// plot. Updates merge leaf by leaf, the newest wins. Bounded. Cost of setting a leaf: logarithmic
// in the leaves, for each level of its path. Not responsible for: what the attributes mean. One
// thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

class Attributes {
 public:
  /// Of all leaves together; more is refused.
  static constexpr std::size_t kMaxBytes = std::size_t{256} << 10;
  /// What a leaf takes beside its path and its value.
  static constexpr std::size_t kLeafBytes = 128;

  explicit Attributes(std::size_t most_bytes = kMaxBytes) : most_bytes_(most_bytes) {}

  /// Sets the value at `path` and removes what contradicts it: leaves below the path and on the way
  /// to it. False, and nothing changed, when it would not fit.
  bool set(std::string_view path, std::string_view json);

  /// Sets every leaf of `object`, one valid JSON object; false when one did not fit.
  bool merge(std::string_view object);

  /// The value at exactly this path; empty when there is none.
  std::string_view find(std::string_view path) const;

  /// What the leaves take in memory, about.
  std::size_t bytes() const { return bytes_; }
  /// How many more that would be with this leaf; 0 when it is not more.
  std::size_t growth(std::string_view path, std::string_view json) const;
  bool empty() const { return leaves_.empty(); }
  void clear();

  /// Of the texts alone.
  std::size_t text_bytes() const { return bytes_ - leaves_.size() * kLeafBytes; }

  /// Appends the nested object.
  void write(std::string& out) const {
    write(out, [&out](std::string_view, std::string_view json) { out += json; });
  }
  /// The same; what stands at each leaf, `write_leaf` appends.
  void write(
      std::string& out,
      const std::function<void(std::string_view path, std::string_view json)>& write_leaf) const;

 private:
  using Leaves = std::map<std::string, std::string, std::less<>>;
  void remove(Leaves::iterator leaf);
  void remove_contradictions(std::string_view path);

  std::size_t most_bytes_;
  Leaves leaves_;
  std::size_t bytes_ = 0;
};

}  // namespace plotbridge::endpoint
