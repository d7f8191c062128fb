// What a concrete topic led to, remembered: most plants repeat the same few thousand topics for
// ever. Its entries are counted in the budget of all names that publishers choose (StateMemory),
// which says which of them are forgotten for others. A topic is found in one step on average,
// whatever topics publishers choose (text_hash). Not responsible for: what values hold beside
// themselves. One thread at a time.
#pragma once

#include "plugin/base/heap_bytes.h"
#include "plugin/base/state_memory.h"
#include "plugin/base/text_hash.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace plotbridge::route {

template <class T>
class TopicCache {
 public:
  /// Longer topics are not remembered, nor those with more than the memory's `most_held`; of them
  /// the last one is held.
  static constexpr std::size_t kMaxTopicBytes = 512;
  explicit TopicCache(StateMemory& memory) : memory_(memory) {}

  /// The remembered value, or nullptr. It is held in the memory until the next call.
  T* find(std::string_view topic) {
    const auto hit = topics_.find(topic);
    if (hit == topics_.end()) return nullptr;
    memory_.touch(*hit->second);
    memory_.hold(hit->second.get());
    return &hit->second->value;
  }

  /// Remembers `value`, which has `bytes` beside itself, for a topic that `find` did not know.
  T* put(std::string_view topic, T value, std::size_t bytes) {
    bytes += hash_node_bytes<std::string, std::unique_ptr<Item>>() + heap_bytes(sizeof(Item)) +
             (topic.size() < sizeof(std::string) / 2 ? 0 : heap_bytes(topic.size() + 1));
    if (topic.size() <= kMaxTopicBytes && bytes <= memory_.most_held()) {
      auto item = std::make_unique<Item>(*this, topics_.hash_function()(topic), std::move(value));
      memory_.hold(nullptr);
      if (!memory_.reserve(*item, bytes)) return keep_last(std::move(item->value));
      memory_.hold(item.get());
      const auto place = topics_.insert_or_assign(std::string(topic), std::move(item)).first;
      place->second->topic = &place->first;
      return &place->second->value;
    }
    memory_.hold(nullptr);
    return keep_last(std::move(value));
  }

  std::size_t size() const { return topics_.size(); }

 private:
  struct Item : StateMemory::Entry {
    Item(TopicCache& owner, std::uint64_t hash, T content)
        : Entry(owner.memory_, StateMemory::Kind::kTopic, hash),
          cache(owner),
          value(std::move(content)) {}
    void forget() override { cache.topics_.erase(cache.topics_.find(*topic)); }

    TopicCache& cache;
    const std::string* topic = nullptr;
    T value;
  };
  T* keep_last(T value) {
    last_.reset();
    return &last_.emplace(std::move(value));
  }

  StateMemory& memory_;
  std::optional<T> last_;  // of a topic that is not remembered
  std::unordered_map<std::string, std::unique_ptr<Item>, TextHash, std::equal_to<>> topics_{
      0, TextHash(reinterpret_cast<std::uintptr_t>(this))};
};

}  // namespace plotbridge::route
