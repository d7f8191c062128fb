// Concern: tokens that somebody made up do not close the endpoint for those of others, and who
// takes a forgotten stream's place has nothing of it.
#include "tests/endpoint/saved_state_fixture.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;

class CrowdOfTokensTest : public SavedStateTest {
 protected:
  /// Two streams are announced, three more find room.
  CrowdOfTokensTest() { restart(crowded()); }
  static Options crowded() {
    Options options = plant();
    options.max_streams = 5;
    return options;
  }

  Status feed(const std::string& token, std::string_view text = R"({"y":1})") {
    const auto opening = endpoint->open_stream(token, 1, now);
    if (opening.status == Status::kDone) {
      endpoint->take_line(opening.stream, text, now);
      endpoint->close_stream(opening.stream, 1);
    }
    now += 1s;
    return opening.status;
  }
  bool knows(const std::string& token) const { return endpoint->streams().find(token).has_value(); }
  std::set<std::string> names() {
    std::set<std::string> all;
    endpoint->plots().each([&](const Plot& plot) { all.insert(plot.name()); });
    return all;
  }

  TimePoint now = kNow;
};

TEST_F(CrowdOfTokensTest, FindsRoomAndTheOneSilentForLongestGoes) {
  for (const char* token : {"one", "two", "three"}) EXPECT_EQ(feed(token), Status::kDone);
  feed("one");
  commit();
  EXPECT_EQ(feed("four"), Status::kDone);
  EXPECT_FALSE(knows("two"));
  for (const char* token : {"one", "three", "four", "aaaaaaaaaa", "bbbbbbbbbb"}) {
    EXPECT_TRUE(knows(token)) << token;
  }
  EXPECT_EQ(endpoint->streams().size(), 5U);
  EXPECT_EQ(names(),
            (std::set<std::string>{"Boiler room", "pump", "stream 1", "stream 3", "stream 4"}));
  for (int i = 0; i < 10'000; ++i) {
    commit();
    ASSERT_EQ(feed("made up " + std::to_string(i)), Status::kDone);
  }
  EXPECT_EQ(endpoint->streams().size(), 5U);
  EXPECT_EQ(names().size(), 5U);
}

TEST_F(CrowdOfTokensTest, HasNothingOfTheStreamWhosePlaceItTakes) {
  feed("one", R"({"y":"once upon a time"})");
  feed("two");
  feed("three");
  const StreamId old = *endpoint->streams().find("one");
  const auto before = look();
  commit();
  ASSERT_EQ(feed("four", R"({"y":44})"), Status::kDone);
  ASSERT_EQ(endpoint->streams().find("four"), old);
  const StreamState& state = endpoint->streams()[old];
  EXPECT_EQ(state.name, "stream 4");
  EXPECT_EQ(state.lines, 1U);
  EXPECT_EQ(state.evictions, 0U);
  EXPECT_EQ(state.last_y, "44");
  commit();
  const auto after = look();
  restart(crowded());
  EXPECT_EQ(look(), after);
  for (const auto& [id, record] : after) {
    EXPECT_EQ(record.find("once upon"), std::string::npos) << record;
    EXPECT_EQ(record.find("\"one\""), std::string::npos) << record;
  }
  EXPECT_EQ(before.size(), after.size());
  // The token is no worse than any other.
  EXPECT_EQ(feed("one"), Status::kDone);
  EXPECT_TRUE(knows("one"));
}

TEST_F(CrowdOfTokensTest, TakesNoPlaceFromWhoIsConnectedNumbersHisLinesOrIsShown) {
  rest_plot("vec", R"([{"stream":{"token":"shown"}}])");
  numbered_line("numbered");
  const auto held = endpoint->open_stream("held", 7, now);
  commit();
  EXPECT_EQ(feed("four"), Status::kDatabaseError);
  EXPECT_EQ(endpoint->standing("four", "bridge").status, Status::kDatabaseError);
  endpoint->close_stream(held.stream, 7);
  EXPECT_EQ(endpoint->standing("four", "bridge").status, Status::kDone);
  EXPECT_TRUE(knows("held")) << "who only asks takes no place";
  EXPECT_EQ(feed("four"), Status::kDone);
  EXPECT_FALSE(knows("held"));
  EXPECT_TRUE(knows("shown") && knows("numbered"));
}

TEST_F(CrowdOfTokensTest, TakesNoPlaceWhoseLinesAreNotWrittenYet) {
  for (const char* token : {"one", "two", "three"}) feed(token);
  EXPECT_EQ(feed("four"), Status::kDatabaseError);
  commit();
  EXPECT_EQ(feed("four"), Status::kDone);
}

TEST_F(CrowdOfTokensTest, MakesRoomForAPlotButNotOfItsOwnTokens) {
  for (const char* token : {"one", "two", "three"}) feed(token);
  commit();
  const auto figure = [](const std::string& data) { return *read_figure(data, "{}", nullptr); };
  const Figure too_many =
      figure(R"([{"stream":{"token":"one"}},{"stream":{"token":"a"}},{"stream":{"token":"b"}},)"
             R"({"stream":{"token":"c"}}])");
  EXPECT_NE(endpoint->no_room(too_many, nullptr, nullptr), "");
  EXPECT_TRUE(knows("two") && knows("three")) << "nothing goes in vain";
  const Figure two = figure(R"([{"stream":{"token":"one"}},{"stream":{"token":"a"}}])");
  EXPECT_EQ(endpoint->no_room(two, nullptr, nullptr), "");
  rest_plot("vec", R"([{"stream":{"token":"one"}},{"stream":{"token":"a"}}])");
  EXPECT_TRUE(knows("one") && knows("a") && knows("three"));
  EXPECT_FALSE(knows("two"));
}

// Somebody with a key asks: strangers cannot keep him out.
TEST_F(CrowdOfTokensTest, MakesRoomForAPlotAlsoOfTokensWhoseProducersNumberTheirLines) {
  numbered_line("one");
  numbered_line("two");
  feed("three");
  commit();
  rest_plot("vec", R"([{"y":[0]}])");
  const auto no_room = [&](const std::string& data) {
    return endpoint->no_room(*read_figure(data, "{}", nullptr), nullptr, nullptr);
  };
  EXPECT_EQ(no_room(R"([{"stream":{"token":"a"}}])"), "");
  EXPECT_TRUE(knows("one") && knows("two") && !knows("three")) << "those without numbers first";
  feed("three");
  commit();
  {
    Upload upload(*endpoint, 1);
    Upload::Head head{"one", true};
    head.wish.numbering = {"bridge", 1, 1};
    upload.start(head, kNow, {});
    const std::string three = R"([{"stream":{"token":"a"}},{"stream":{"token":"b"}},)"
                              R"({"stream":{"token":"c"}}])";
    EXPECT_NE(no_room(three), "") << "one of them streams";
  }
  EXPECT_EQ(no_room(R"([{"stream":{"token":"a"}},{"stream":{"token":"b"}}])"), "");
  commit();
  EXPECT_EQ(disk.saved().positions.size(), 1U);
}

TEST_F(CrowdOfTokensTest, TellsThoseWhoWatchThePlotThatGoes) {
  for (const char* token : {"one", "two", "three"}) feed(token);
  std::shared_ptr<Plot> watched;
  endpoint->plots().each([&](Plot& plot) {
    if (plot.name() == "stream 1") watched = plot.shared_from_this();
  });
  ASSERT_NE(watched, nullptr);
  commit();
  feed("four");
  EXPECT_TRUE(watched->ended());
}

}  // namespace
}  // namespace plotbridge::endpoint
