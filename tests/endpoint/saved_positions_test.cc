// Concern: what is kept of positions and of data is of one moment, whatever is written in how many
// parts, and outlives nothing that it counts.
#include "tests/endpoint/saved_state_fixture.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {
namespace {

using SavedPositionsTest = SavedStateTest;

std::string many_ranges(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (i > 0 ? "," : "") + std::to_string(2 * i) + '-' + std::to_string(2 * i + 1);
  }
  return text;
}

TEST_F(SavedPositionsTest, of_a_transaction_that_stops_half_way_is_as_if_it_had_never_begun) {
  numbered_line("aaaaaaaaaa");
  commit();
  const auto before = look();
  std::string column = "[0";
  for (int i = 0; i < 8'000; ++i) column += ",\"" + std::string(400, 'x') + '"';
  for (int i = 0; i < 20; ++i) {
    const std::string token = "large" + std::to_string(i);
    rest_plot(token, R"([{"y":)" + column + R"(],"stream":{"token":")" + token +
                         R"(","maxpoints":10000}}])");
    for (int line = 0; line < 3; ++line) numbered_line(token);
  }
  numbered_line("aaaaaaaaaa");
  int parts = 0;
  for (bool whole = false; !whole; ++parts) {
    const StateChanges changes = endpoint->take_changes();
    whole = changes.whole;
    EXPECT_EQ(changes.positions.empty(), !whole);
    if (whole) break;
    disk.commit(changes);
    // It goes on meanwhile.
    for (int i = 0; i < 20; ++i) numbered_line("large" + std::to_string(i));
    numbered_line("aaaaaaaaaa");
  }
  EXPECT_GT(parts, 1);
  restart();
  EXPECT_EQ(look(), before);
  EXPECT_EQ(kept_lines("aaaaaaaaaa"), 1U);
  EXPECT_EQ(kept_lines("large1"), 0U);
}

TEST_F(SavedPositionsTest, ends_a_transaction_however_fast_new_lines_come) {
  std::string column = "[0";
  for (int i = 0; i < 8'000; ++i) column += ",\"" + std::string(400, 'x') + '"';
  for (int i = 0; i < 20; ++i) {
    const std::string token = "large" + std::to_string(i);
    rest_plot(token, R"([{"y":)" + column + R"(],"stream":{"token":")" + token +
                         R"(","maxpoints":10000}}])");
  }
  int parts = 0;
  for (bool whole = false; !whole && parts < 20; ++parts) {
    const StateChanges changes = endpoint->take_changes();
    whole = changes.whole;
    disk.commit(changes);
    // Every plot is to be written whole again.
    endpoint->plots().each([&](const Plot& plot) { endpoint->plots().note(plot); });
    numbered_line("large0");
  }
  EXPECT_LE(parts, 4);
}

TEST_F(SavedPositionsTest, forgets_positions_of_streams_that_are_gone) {
  numbered_line("unannounced");
  numbered_line("aaaaaaaaaa");
  commit();
  ASSERT_EQ(disk.saved().positions.size(), 2U);
  Options closed = plant();
  closed.open = false;
  restart(closed);
  commit();
  ASSERT_EQ(disk.saved().positions.size(), 1U);
  EXPECT_EQ(disk.saved().positions[0].key.token, "aaaaaaaaaa");
}

TEST_F(SavedPositionsTest, keeps_a_new_epoch_before_its_first_line) {
  numbered_line("aaaaaaaaaa");
  commit();
  EXPECT_TRUE(endpoint->journal().empty());
  {
    Upload upload(*endpoint, 1);
    Upload::Head head{"aaaaaaaaaa", true};
    head.wish.numbering = {"bridge", 7, 1};
    upload.start(head, kNow, {});
  }
  EXPECT_FALSE(endpoint->journal().empty());
  commit();
  restart();
  Upload late(*endpoint, 1);
  Upload::Head head{"aaaaaaaaaa", true};
  head.wish.numbering = {"bridge", 6, 1};
  late.start(head, kNow, {});
  EXPECT_EQ(late.ended(), Status::kFenced);
}

TEST_F(SavedPositionsTest, stays_with_a_stream_that_has_lost_its_plot) {
  numbered_line("unannounced");
  rest_plot("p", R"([{"y":[0],"stream":{"token":"unannounced"}}])");
  rest_plot("p", R"([{"y":[0]}])");
  numbered_line("unannounced");
  commit();
  restart();
  EXPECT_EQ(kept_lines("unannounced"), 2U);
}

TEST_F(SavedPositionsTest, has_each_value_once_after_a_restart_in_whatever_order_lines_came) {
  const auto send = [this](const std::string& body) {
    Upload upload(*endpoint, 1);
    Upload::Head head{"aaaaaaaaaa", false, body.size()};
    head.wish.numbering = {"bridge", 1, 5};
    upload.start(head, kNow, {});
    upload.take(body, kNow);
    EXPECT_EQ(upload.ended(), Status::kDone);
  };
  const std::string first =
      "{\"y\":5}\n{\"y\":6}\n{\"stream\":{\"seq\":9,\"void\":true}}\n{\"y\":9}\n"
      "{\"stream\":{\"seq\":0}}\n{\"y\":0}\n";
  send(first);
  commit();
  send("{\"y\":5}\n{\"stream\":{\"seq\":1}}\n{\"y\":1}\n");
  // The second is lost with the process.
  restart();
  const auto have = endpoint->standing("aaaaaaaaaa", "bridge").have;
  EXPECT_EQ(std::vector(have.begin(), have.end()), (std::vector<OffsetRange>{{0, 1}, {5, 10}}));
  send(first);
  send("{\"stream\":{\"seq\":1}}\n{\"y\":1}\n{\"y\":2}\n{\"y\":3}\n{\"y\":4}\n");
  EXPECT_NE(endpoint->plot(1)->window().find("\"y\":[5,6,9,0,1,2,3,4]"), std::string::npos)
      << endpoint->plot(1)->window();
  commit();
  restart();
  EXPECT_EQ(kept_lines("aaaaaaaaaa"), 10U);
}

TEST_F(SavedPositionsTest, leaves_a_damaged_one_out_and_nothing_else) {
  numbered_line("aaaaaaaaaa");
  numbered_line("bbbbbbbbbb");
  commit();
  const std::vector<std::string> damages{"1",
                                         "0-",
                                         "0-0",
                                         "5-3",
                                         "0-2,2-4",
                                         "4-6,0-2",
                                         "0-2,",
                                         ",0-2",
                                         "00-2",
                                         "0-02",
                                         "0-2;4-6",
                                         "-1-2",
                                         "0-9223372036854775808",
                                         "0-2 ",
                                         "a-b",
                                         many_ranges(kMostSavedRanges + 1)};
  for (const std::string& damage : damages) {
    Options options = plant();
    options.saved = disk.saved();
    ASSERT_EQ(options.saved->positions.size(), 2U);
    for (SavedPosition& position : options.saved->positions) {
      if (position.key.token == "aaaaaaaaaa") position.have = damage;
    }
    endpoint.emplace(std::move(options));
    EXPECT_TRUE(endpoint->standing("aaaaaaaaaa", "bridge").have.empty()) << damage;
    EXPECT_EQ(endpoint->positions().size(), 1U);
    EXPECT_EQ(kept_lines("bbbbbbbbbb"), 1U) << damage;
    const StateChanges changes = endpoint->take_changes();
    ASSERT_EQ(changes.gone_positions.size(), 1U);
    EXPECT_EQ(changes.gone_positions[0].token, "aaaaaaaaaa");
  }
}

TEST_F(SavedPositionsTest, takes_as_many_ranges_as_it_may_have_written) {
  Options options = plant();
  options.saved.emplace();
  options.saved->positions = {{{"aaaaaaaaaa", "bridge"}, 1, many_ranges(kMostSavedRanges)},
                              {{"aaaaaaaaaa", "none"}, 1, ""}};
  endpoint.emplace(std::move(options));
  EXPECT_EQ(endpoint->standing("aaaaaaaaaa", "bridge").have.size(), kMostSavedRanges);
  EXPECT_EQ(endpoint->positions().further_ranges(), kMostSavedRanges - 1);
  EXPECT_EQ(endpoint->positions().size(), 2U);
}

}  // namespace
}  // namespace plotbridge::endpoint
