// Concern: no filter and no topic, however strange, upsets the parser or the router. Input: a
// filter, a newline, a topic.
#include "plugin/route/router.h"
#include "plugin/route/topic_filter.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using plotbridge::must_hold;
using plotbridge::route::Match;
using plotbridge::route::Router;
using plotbridge::route::TopicFilter;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t newline = input.find('\n');
  const std::string_view topic =
      newline == std::string_view::npos ? input : input.substr(newline + 1);
  const auto filter = TopicFilter::parse(input.substr(0, newline));
  if (!filter) {
    must_hold(filter.error().message.size() < 1000, "an error text is short");
    return 0;
  }
  const auto again = TopicFilter::parse(filter->mqtt());
  must_hold(again && again->levels() == filter->levels(), "mqtt() is a filter of the same levels");
  must_hold(filter->overlaps(*filter), "a filter overlaps itself");
  Router router;
  router.add(*filter, 7);
  const auto exact = TopicFilter::parse(topic);
  for (const Match& match : router.match(topic)) {
    must_hold(match.captures.size() == filter->captures().size(), "each capture has its level");
    const bool plain = exact && exact->mqtt() == topic && exact->levels().back() != "#" &&
                       topic.find('+') == std::string_view::npos && !topic.starts_with("$share/");
    must_hold(!plain || exact->overlaps(*filter), "a filter overlaps each topic that it matches");
  }
  return 0;
}
