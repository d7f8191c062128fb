// Concern: a filter is taken exactly when MQTT 5.0, 4.7 (and our named captures) allow it; what is
// wrong is told with its place; overlap is what a broker would call so.
#include "plugin/route/topic_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::route {
namespace {

using Strings = std::vector<std::string>;

TopicFilter good(std::string_view text) {
  auto filter = TopicFilter::parse(text);
  EXPECT_TRUE(filter.has_value()) << text << ": " << filter.error().message;
  return *filter;
}

std::string error_of(std::string_view text) {
  const auto filter = TopicFilter::parse(text);
  EXPECT_FALSE(filter.has_value()) << text;
  return filter ? "" : filter.error().message;
}

bool overlap(std::string_view a, std::string_view b) {
  const bool one_way = good(a).overlaps(good(b));
  EXPECT_EQ(one_way, good(b).overlaps(good(a))) << a << " " << b;
  return one_way;
}

TEST(TopicFilter, PlainAndWildcardFiltersPassUnchanged) {
  for (const std::string text :
       {"a", "/", "//", "/a", "a/", "a/b/c", "+", "#", "+/+", "a/+/b", "a/#", "+/a/#", "/#",
        "$SYS/#", "$SYS/broker/+", "a b/\xC3\xA9", "$shared/x", "$"}) {
    EXPECT_EQ(good(text).mqtt(), text);
    EXPECT_TRUE(good(text).captures().empty());
  }
}

TEST(TopicFilter, CapturesBecomePlusAndKeepTheirPlace) {
  const TopicFilter filter = good("plant/{line}/+/boiler/{_id2}/#");
  EXPECT_EQ(filter.mqtt(), "plant/+/+/boiler/+/#");
  EXPECT_EQ(filter.captures(), (Strings{"line", "_id2"}));
  EXPECT_EQ(filter.capture_levels(), (std::vector<std::size_t>{1, 4}));
}

TEST(TopicFilter, ASharedSubscriptionMatchesByItsInnerFilter) {
  const TopicFilter filter = good("$share/gateways/plant/{line}/#");
  EXPECT_EQ(filter.mqtt(), "$share/gateways/plant/+/#");
  EXPECT_EQ(filter.levels(), (Strings{"plant", "+", "#"}));
  EXPECT_EQ(filter.capture_levels(), (std::vector<std::size_t>{1}));
  EXPECT_EQ(good("$share/g//a").levels(), (Strings{"", "a"}));
}

TEST(TopicFilter, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of(""), "topic filter \"\": a topic filter is not empty (character 1)");
  EXPECT_EQ(error_of("a/#/b"),
            "topic filter \"a/#/b\": # must be the last level; use + for one level (character 3)");
  EXPECT_EQ(
      error_of("plant/boiler#"),
      "topic filter \"plant/boiler#\": # must stand alone between slashes; MQTT has no partial "
      "wildcards (character 13)");
  EXPECT_NE(error_of("a/b+/c").find("+ must stand alone"), std::string::npos);
  EXPECT_NE(error_of("a/x{line}").find("(character 4)"), std::string::npos);
  EXPECT_NE(error_of("{line}/{line}").find("{line} is there twice (character 8)"),
            std::string::npos);
  EXPECT_NE(error_of(std::string("a/\0b", 4)).find("U+0000 is not allowed (character 3)"),
            std::string::npos);
  EXPECT_NE(error_of("ab\xC3/c").find("not UTF-8 (character 3)"), std::string::npos);
}

TEST(TopicFilter, RefusesEveryWrongCapture) {
  for (const std::string_view bad : {"{", "}", "{}", "{a", "a}", "{1a}", "{a-b}", "{a b}", "{a}{b}",
                                     "x{a}", "{a}x", "{{a}}", "{a}}", "{\xC3\xA9}", "}{"}) {
    error_of(bad);
  }
}

TEST(TopicFilter, RefusesIncompleteSharedSubscriptions) {
  for (const std::string_view bad : {"$share", "$share/", "$share/g", "$share/g/", "$share//a",
                                     "$share/+/a", "$share/g#/a", "$share/{g}/a"}) {
    EXPECT_NE(error_of(bad).find("$share/"), std::string::npos) << bad;
  }
}

TEST(TopicFilter, TakesAllThatFitsIntoAnMqttStringAndNoMore) {
  EXPECT_EQ(good(std::string(65535, 'a')).mqtt().size(), 65535U);
  EXPECT_NE(error_of(std::string(65536, 'a')).find("65536 bytes, MQTT allows 65535"),
            std::string::npos);
  EXPECT_LT(error_of(std::string(65536, 'a')).size(), 300U);
  EXPECT_EQ(good("a/" + std::string("{") + std::string(65533, 'n') + "}").mqtt(), "a/+");
}

TEST(TopicFilter, AnErrorTextHoldsNothingThatUpsetsATerminal) {
  for (const char c : error_of("a\x1b[31m\xFF\n/#/b")) {
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
}

TEST(TopicFilter, OverlapIsWhatSomeTopicProves) {
  EXPECT_TRUE(overlap("a/b", "a/b"));
  EXPECT_TRUE(overlap("a/+", "+/b"));
  EXPECT_TRUE(overlap("a/#", "a"));
  EXPECT_TRUE(overlap("a/#", "a/b/c"));
  EXPECT_TRUE(overlap("#", "a/b"));
  EXPECT_TRUE(overlap("+/+", "/"));
  EXPECT_TRUE(overlap("a/+/c", "a/{x}/#"));
  EXPECT_TRUE(overlap("$share/g/a/+", "a/b"));
  EXPECT_TRUE(overlap("$SYS/#", "$SYS/+/x"));
}

TEST(TopicFilter, NoOverlapWhereNoTopicMatchesBoth) {
  EXPECT_FALSE(overlap("a/b", "a/c"));
  EXPECT_FALSE(overlap("a/+", "a"));
  EXPECT_FALSE(overlap("a/+", "a/b/c"));
  EXPECT_FALSE(overlap("a/#", "b/#"));
  EXPECT_FALSE(overlap("a/+/x", "a/b/y"));
  EXPECT_FALSE(overlap("#", "$SYS/x"));
  EXPECT_FALSE(overlap("+/x", "$SYS/x"));
}

}  // namespace
}  // namespace plotbridge::route
