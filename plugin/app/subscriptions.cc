#include "plugin/app/subscriptions.h"

#include <algorithm>
#include <unordered_map>

namespace plotbridge::app {

SubscriptionPlan plan_subscriptions(const std::vector<config::Route>& routes) {
  SubscriptionPlan plan;
  std::vector<const route::TopicFilter*> filter_of;  // by subscription
  std::unordered_map<std::string, std::size_t> known;
  for (std::size_t number = 0; number < routes.size(); ++number) {
    for (const std::string& topic : routes[number].topics) {
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
        plan.subscriptions[index].id = static_cast<std::uint32_t>(index) + 1;
      }
    }
  }
  return plan;
}

}  // namespace plotbridge::app
