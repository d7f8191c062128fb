// Concern: what is kept of positions and of data is of one moment, whatever is written in how many
// parts, and outlives nothing that it counts.
#include "tests/endpoint/saved_state_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using SavedPositionsTest = SavedStateTest;

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
  EXPECT_EQ(endpoint->standing("aaaaaaaaaa", "bridge").next, 1U);
  EXPECT_EQ(endpoint->standing("large1", "bridge").next, 0U);
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
  EXPECT_EQ(endpoint->standing("unannounced", "bridge").next, 2U);
}

}  // namespace
}  // namespace plotbridge::endpoint
