// Which streams each Sparkplug edge node and device has fed, so that its death can be a gap in
// every one of them. Leaves to others: writing it (pipeline). One thread at a time.
#pragma once

#include "plugin/app/route_plan.h"
#include "plugin/decode/sparkplug_topic.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::app {

class FedStreams {
 public:
  struct Fed {
    RoutePlan* route = nullptr;
    std::size_t stream = 0;
    std::string metric;  // the first that fed it
    std::vector<std::string> rendered;
  };

  /// `fed` is one more stream of the topic's edge node or device; of one route and stream the first
  /// counts.
  void add(const decode::SparkplugTopic& topic, Fed fed) {
    auto& streams = by_source_[{{std::string(topic.group), std::string(topic.edge_node)},
                                std::string(topic.device)}];
    const auto key = std::pair(fed.route, fed.stream);
    streams.emplace(key, std::move(fed));
  }

  /// Calls `take(fed)` for each stream of the topic's device, or of the whole edge node.
  template <class Take>
  void each(const decode::SparkplugTopic& topic, bool whole_node, Take take) const {
    const std::pair node(std::string(topic.group), std::string(topic.edge_node));
    const Source first{node, whole_node ? std::string() : std::string(topic.device)};
    for (auto at = by_source_.lower_bound(first); at != by_source_.end(); ++at) {
      if (at->first.first != node || (!whole_node && at->first.second != topic.device)) return;
      for (const auto& [key, fed] : at->second) take(fed);
    }
  }

 private:
  using Source = std::pair<std::pair<std::string, std::string>, std::string>;  // node, device
  std::map<Source, std::map<std::pair<RoutePlan*, std::size_t>, Fed>> by_source_;
};

}  // namespace plotbridge::app
