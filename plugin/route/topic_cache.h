// What a concrete topic led to, remembered: most plants repeat the same few thousand topics for
// ever. Bounded: two generations, the older one is forgotten when the younger one is full. One
// thread at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace plotbridge::route {

template <class T>
class TopicCache {
 public:
  /// Holds between `capacity` and twice as many topics.
  explicit TopicCache(std::size_t capacity) : capacity_(capacity) {}

  /// The remembered value, or nullptr. Valid until the next `put` or `find`.
  T* find(std::string_view topic) {
    if (const auto hit = young_.find(topic); hit != young_.end()) return &hit->second;
    const auto old = old_.find(topic);
    if (old == old_.end()) return nullptr;
    T value = std::move(old->second);
    old_.erase(old);
    return put(topic, std::move(value));
  }

  T* put(std::string_view topic, T value) {
    if (young_.size() >= capacity_) {
      old_ = std::move(young_);
      young_.clear();
    }
    return &young_.insert_or_assign(std::string(topic), std::move(value)).first->second;
  }

  std::size_t size() const { return young_.size() + old_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Map = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  std::size_t capacity_;
  Map young_;
  Map old_;
};

}  // namespace plotbridge::route
