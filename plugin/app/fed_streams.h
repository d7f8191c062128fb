// Which streams one Sparkplug device, or an edge node itself, has fed, so that its death can be a
// gap in every one of them, once. A death costs the streams that were fed since the last one. Not
// responsible for: writing it, and counting the bytes (sparkplug_feed). One thread at a time.
#pragma once

#include "plugin/app/route_plan.h"
#include "plugin/base/heap_bytes.h"
#include "plugin/decode/sparkplug_names.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::app {

class FedStreams : public decode::SparkplugNote {
 public:
  struct Fed {
    std::string metric;  // the first that fed it
    std::vector<std::string> rendered;
    bool is_alive = false;  // it was fed since the last death
  };

  /// The stream is fed now; false: it is to be added first.
  bool feed(RoutePlan& route, std::size_t stream) {
    const auto known = streams_.find({&route, stream});
    if (known == streams_.end()) return false;
    if (!std::exchange(known->second.is_alive, true)) alive_.push_back(&*known);
    return true;
  }
  void add(RoutePlan& route, std::size_t stream, Fed fed) {
    streams_.emplace(Key(&route, stream), std::move(fed));
    feed(route, stream);
  }
  /// What `add` costs.
  static std::size_t bytes_of(const Fed& fed) {
    // The list of those alive may have twice the room that it needs, and is copied as it grows.
    return tree_node_bytes<Key, Fed>() + heap_bytes(fed.metric) + heap_bytes(fed.rendered) +
           3 * sizeof(void*);
  }

  /// Calls `take(route, stream, fed)` for each stream that was fed since the last time.
  template <class Take>
  void die(Take take) {
    const auto dead = std::exchange(alive_, {});
    for (auto* stream : dead) stream->second.is_alive = false;
    for (auto* stream : dead) take(*stream->first.first, stream->first.second, stream->second);
  }

 private:
  using Key = std::pair<RoutePlan*, std::size_t>;
  std::map<Key, Fed> streams_;
  std::vector<std::map<Key, Fed>::value_type*> alive_;
};

}  // namespace plotbridge::app
