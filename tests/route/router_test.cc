// Concern: a topic finds exactly the filters that a broker would deliver it for, with what they
// captured, also among many filters and for absurd topics.
#include "plugin/route/router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace plotbridge::route {
namespace {

using Ids = std::vector<std::size_t>;

TopicFilter filter_of(std::string_view text) {
  auto filter = TopicFilter::parse(text);
  EXPECT_TRUE(filter.has_value()) << text << ": " << filter.error().message;
  return *filter;
}

Router router_of(const std::vector<std::string>& filters) {
  Router router;
  for (std::size_t i = 0; i < filters.size(); ++i) router.add(filter_of(filters[i]), i);
  return router;
}

Ids ids(const std::vector<Match>& matches) {
  Ids found;
  for (const Match& match : matches) found.push_back(match.filter);
  return found;
}

Ids matches(const std::vector<std::string>& filters, std::string_view topic) {
  return ids(router_of(filters).match(topic));
}

TEST(Router, FindsEveryFilterThatMatchesByRisingId) {
  const std::vector<std::string> filters = {"#",     "a/b/c", "a/+/c", "a/#",  "+/b/+",
                                            "a/b",   "b/#",   "a/b/#", "+/+",  "a/b/c/#",
                                            "a/b/+", "+/#",   "a/+",   "/a/b", "a/b/c/d"};
  EXPECT_EQ(matches(filters, "a/b/c"), (Ids{0, 1, 2, 3, 4, 7, 9, 10, 11}));
  EXPECT_EQ(matches(filters, "a/b"), (Ids{0, 3, 5, 7, 8, 11, 12}));
  EXPECT_EQ(matches(filters, "x"), (Ids{0, 11}));
}

TEST(Router, HashAlsoMatchesTheParentLevel) {
  EXPECT_EQ(matches({"sport/tennis/#"}, "sport/tennis"), Ids{0});
  EXPECT_EQ(matches({"sport/tennis/#"}, "sport"), Ids{});
  EXPECT_EQ(matches({"sport/tennis/#"}, "sport/tennisx"), Ids{});
}

TEST(Router, AnEmptyLevelIsALevel) {
  EXPECT_EQ(matches({"+/+", "/+", "+", "/", "a/+/b"}, "/finance"), (Ids{0, 1}));
  EXPECT_EQ(matches({"a/+", "a"}, "a/"), Ids{0});
  EXPECT_EQ(matches({"a/+/b"}, "a//b"), Ids{0});
}

TEST(Router, NoLeadingWildcardMatchesASystemTopic) {
  const std::vector<std::string> filters = {"#", "+/broker/uptime", "$SYS/#", "$SYS/+/uptime",
                                            "+/#"};
  EXPECT_EQ(matches(filters, "$SYS/broker/uptime"), (Ids{2, 3}));
  EXPECT_EQ(matches({"a/+", "a/#"}, "a/$x"), (Ids{0, 1}));
}

TEST(Router, TopicsAreComparedByteForByte) {
  EXPECT_EQ(matches({"A/b", "a/b", "a/b "}, "a/b"), Ids{1});
  EXPECT_EQ(matches({"a/+", "a/#"}, "a/+"), (Ids{0, 1}));
}

TEST(Router, GivesWhatEachFilterCaptured) {
  const Router router =
      router_of({"plant/{line}/boiler/{id}/temperature", "plant/+/{kind}/#", "{site}/#"});
  const std::string topic = "plant/north/boiler/7/temperature";
  const std::vector<Match> found = router.match(topic);
  ASSERT_EQ(ids(found), (Ids{0, 1, 2}));
  EXPECT_EQ(found[0].captures, (std::vector<std::string_view>{"north", "7"}));
  EXPECT_EQ(found[1].captures, (std::vector<std::string_view>{"boiler"}));
  EXPECT_EQ(found[2].captures, (std::vector<std::string_view>{"plant"}));
}

TEST(Router, FiltersOfOneFormKeepTheirOwnCaptures) {
  const Router router = router_of({"a/{x}/{y}", "a/+/{y}", "$share/g/a/{x}/+"});
  const std::string topic = "a/1/2";
  const std::vector<Match> found = router.match(topic);
  ASSERT_EQ(ids(found), (Ids{0, 1, 2}));
  EXPECT_EQ(found[0].captures, (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(found[1].captures, (std::vector<std::string_view>{"2"}));
  EXPECT_EQ(found[2].captures, (std::vector<std::string_view>{"1"}));
}

TEST(Router, AnEmptyRouterMatchesNothing) {
  EXPECT_TRUE(Router().match("a/b").empty());
  EXPECT_TRUE(Router().match("").empty());
}

TEST(Router, TopicsAndFiltersOfThirtyThousandLevelsCostNoStack) {
  std::string deep = "x";
  while (deep.size() < 65534) deep += "/x";
  const std::vector<std::string> filters = {deep, "#", deep.substr(0, deep.size() - 1) + "+",
                                            "x/#"};
  EXPECT_EQ(matches(filters, deep), (Ids{0, 1, 2, 3}));
  EXPECT_EQ(matches(filters, std::string(65535, '/')), Ids{1});
}

/// The rules of MQTT 4.7 level by level, slowly.
bool slow_match(const std::vector<std::string>& filter, std::string_view topic) {
  if (topic.starts_with('$') && (filter[0] == "+" || filter[0] == "#")) return false;
  std::vector<std::string> levels(1);
  for (const char c : topic) {
    if (c == '/') {
      levels.emplace_back();
    } else {
      levels.back() += c;
    }
  }
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == "#") return true;
    if (i == levels.size()) return false;
    if (filter[i] != "+" && filter[i] != levels[i]) return false;
    if (i + 1 == levels.size() && i + 2 == filter.size() && filter[i + 1] == "#") return true;
  }
  return filter.size() == levels.size();
}

TEST(Router, AgreesWithASlowMatcherAndWithOverlapsOnRandomFilters) {
  std::mt19937 random(42);
  const auto text = [&random](const std::vector<std::string>& words) {
    std::string joined = words[random() % words.size()];
    for (std::size_t i = random() % 4; i > 0; --i) joined += "/" + words[random() % words.size()];
    return joined;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<TopicFilter> filters;
    Router router;
    while (filters.size() < 20) {
      auto filter = TopicFilter::parse(text({"a", "b", "", "$s", "+", "+", "#"}));
      if (!filter) continue;
      router.add(*filter, filters.size());
      filters.push_back(*filter);
    }
    for (int i = 0; i < 20; ++i) {
      const std::string topic = text({"a", "b", "", "$s", "c"});
      const Ids found = ids(router.match(topic));
      Ids expected;
      for (std::size_t f = 0; f < filters.size(); ++f) {
        if (slow_match(filters[f].levels(), topic)) expected.push_back(f);
      }
      ASSERT_EQ(found, expected) << topic;
      for (const std::size_t a : found) {
        for (const std::size_t b : found) {
          ASSERT_TRUE(filters[a].overlaps(filters[b]))
              << filters[a].mqtt() << " " << filters[b].mqtt();
        }
      }
    }
  }
}

TEST(Router, TenThousandFiltersStayApart) {
  Router router;
  for (std::size_t i = 0; i < 10'000; ++i) {
    router.add(filter_of("plant/{line}/machine" + std::to_string(i) + "/temperature"), i);
  }
  for (std::size_t i = 0; i < 10'000; i += 7) {
    const std::string topic = "plant/l/machine" + std::to_string(i) + "/temperature";
    ASSERT_EQ(ids(router.match(topic)), Ids{i});
  }
  EXPECT_TRUE(router.match("plant/l/machine10000/temperature").empty());
}

}  // namespace
}  // namespace plotbridge::route
