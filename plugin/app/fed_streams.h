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

  using Key = std::pair<RoutePlan*, std::size_t>;
  using Streams = std::map<Key, Fed>;
  using Added = Streams::node_type;

  /// The stream is fed now; false: it is to be added first.
  bool feed(RoutePlan& route, std::size_t stream) {
    const auto known = streams_.find({&route, stream});
    if (known == streams_.end()) return false;
    if (known->second.is_alive) return true;
    alive_.push_back(&*known);
    known->second.is_alive = true;
    return true;
  }
  /// A stream that is to be added, made before it is counted: `add` needs no memory for it.
  static Added make(RoutePlan& route, std::size_t stream, Fed fed) {
    Streams one;
    one.emplace(Key(&route, stream), std::move(fed));
    return one.extract(one.begin());
  }
  void add(Added added) {
    const Key key = added.key();
    streams_.insert(std::move(added));
    feed(*key.first, key.second);
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
  Streams streams_;
  std::vector<Streams::value_type*> alive_;
};

}  // namespace plotbridge::app
