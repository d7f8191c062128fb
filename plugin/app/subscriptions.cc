#include "plugin/app/subscriptions.h"

#include "plugin/decode/sparkplug_topic.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace plotbridge::app {
namespace {

constexpr std::uint32_t kMostId = 268'435'455;  // MQTT 5.0, 3.8.2.1.2

// From the filter's text (FNV-1a), not from its place: messages that a kept session stored before
// the configuration changed carry the old identifiers, and those of filters that stayed must still
// be right.
std::uint32_t free_id(std::string_view filter, std::unordered_set<std::uint32_t>& taken) {
  std::uint32_t hash = 2'166'136'261U;
  for (const char c : filter) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619U;
  std::uint32_t id = hash % kMostId + 1;
  while (!taken.insert(id).second) id = id % kMostId + 1;
  return id;
}

/// A Sparkplug route takes the births that a broker keeps, too.
std::vector<std::string> topics_of(const config::Route& route) {
  std::vector<std::string> topics = route.topics;
  if (route.decode.type != DecodeType::kSparkplug) return topics;
  // What others say of us, so that it can be put right.
  if (!route.decode.host_id.empty()) topics.push_back("spBv1.0/STATE/" + route.decode.host_id);
  for (const std::string& topic : route.topics) {
    if (topic.starts_with("spBv1.0/")) {
      topics.push_back(std::string(decode::kSparkplugCertificates) + topic);
    }
  }
  return topics;
}

}  // namespace

SubscriptionPlan plan_subscriptions(const std::vector<config::Route>& routes) {
  SubscriptionPlan plan;
  std::vector<const route::TopicFilter*> filter_of;  // by subscription
  std::unordered_map<std::string, std::size_t> known;
  for (std::size_t number = 0; number < routes.size(); ++number) {
    for (const std::string& topic : topics_of(routes[number])) {
      auto filter = route::TopicFilter::parse(topic);
      if (!filter) continue;  // the loader has refused it
      const auto [entry, is_new] = known.emplace(filter->mqtt(), plan.subscriptions.size());
      if (is_new) plan.subscriptions.push_back({filter->mqtt(), 0, 0});
      mqtt::Subscription& subscription = plan.subscriptions[entry->second];
      subscription.qos = std::max(subscription.qos, routes[number].qos);
      plan.filters.push_back({number, *std::move(filter), entry->second});
    }
  }
  filter_of.resize(plan.subscriptions.size());
  for (const FilterUse& use : plan.filters) filter_of[use.subscription] = &use.filter;

  std::unordered_set<std::uint32_t> taken;
  // A filter without wildcards can overlap only with one that has some, so only those are compared
  // with all.
  const auto has_wildcard = [](const std::string& filter) {
    return filter.find_first_of("+#") != std::string::npos;
  };
  for (std::size_t a = 0; a < filter_of.size(); ++a) {
    if (!has_wildcard(plan.subscriptions[a].filter)) continue;
    for (std::size_t b = 0; b < filter_of.size(); ++b) {
      if (a == b || !filter_of[a]->overlaps(*filter_of[b])) continue;
      for (const std::size_t index : {a, b}) {
        mqtt::Subscription& overlapping = plan.subscriptions[index];
        if (overlapping.id == 0) overlapping.id = free_id(overlapping.filter, taken);
      }
    }
  }
  return plan;
}

}  // namespace plotbridge::app
