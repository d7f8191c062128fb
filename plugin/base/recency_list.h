// The order in which things were heard last, threaded through the things themselves: each has the
// members `newer` and `older`, both null outside a list. Every operation takes constant time and no
// memory. Not responsible for: whose the things are. One thread at a time.
#pragma once

#include <utility>

namespace plotbridge {

template <class T>
class RecencyList {
 public:
  T* newest() const { return newest_; }
  T* oldest() const { return oldest_; }

  /// Makes `item` the newest, whether it is in the list or not.
  void touch(T& item) {
    if (newest_ == &item) return;
    remove(item);
    item.older = newest_;
    (newest_ != nullptr ? newest_->newer : oldest_) = &item;
    newest_ = &item;
  }

  void remove(T& item) {
    if (item.newer == nullptr && newest_ != &item) return;  // not in the list
    (item.newer != nullptr ? item.newer->older : newest_) = item.older;
    (item.older != nullptr ? item.older->newer : oldest_) = item.newer;
    item.newer = item.older = nullptr;
  }

 private:
  T* newest_ = nullptr;
  T* oldest_ = nullptr;
};

}  // namespace plotbridge
