// Which subscriptions the routes need: each filter once, with an identifier where filters overlap,
// so that of a message that MQTT 5 delivers once for each of them every copy feeds only its own
// filter's routes. Pure.
#pragma once

#include "plugin/config/config.h"
#include "plugin/mqtt/session.h"
#include "plugin/route/topic_filter.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace plotbridge::app {

/// One filter of one route.
struct FilterUse {
  std::size_t route = 0;
  route::TopicFilter filter;
  std::size_t subscription = 0;  // index of the plan's
};

struct SubscriptionPlan {
  std::vector<mqtt::Subscription> subscriptions;
  std::vector<FilterUse> filters;  // in the order of the configuration
};

SubscriptionPlan plan_subscriptions(const std::vector<config::Route>& routes);

}  // namespace plotbridge::app
