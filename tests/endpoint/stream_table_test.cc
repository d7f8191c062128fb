// Concern: one connection per token, the newest; silence is found; the number of tokens is bounded.
#include "plugin/endpoint/stream_table.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
TEST(StreamTable, TheNewestConnectionOfATokenWins) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  EXPECT_EQ(table.claim(stream, 1, kStart).evicted, std::nullopt);
  EXPECT_EQ(table.claim(stream, 2, kStart + 1s).evicted, ConnectionId{1});
  EXPECT_EQ(table[stream].evictions, 1U);
  EXPECT_EQ(table.held(), 1U);
  // The loser goes later and must not take the stream from the winner.
  EXPECT_FALSE(table.release(stream, 1));
  EXPECT_EQ(table[stream].holder, ConnectionId{2});
  EXPECT_TRUE(table.release(stream, 2));
  EXPECT_EQ(table.held(), 0U);
}

TEST(StreamTable, WhoTakesATokenBackAtOnceDoesNotGetIt) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  table.claim(stream, 1, kStart);
  EXPECT_TRUE(table.claim(stream, 2, kStart + 1h).granted);
  // The loser comes back and back: the winner keeps what it has.
  TimePoint now = kStart + 1h;
  for (ConnectionId loser = 3; loser < 300; ++loser) {
    now += loser == 3 ? 1900ms : 9s;
    table[stream].last_heard = now;  // it sends
    EXPECT_FALSE(table.claim(stream, loser, now).granted);
  }
  EXPECT_EQ(table[stream].holder, ConnectionId{2});
  EXPECT_EQ(table[stream].evictions, 1U);
  // Somebody who comes after a while is no part of that.
  table[stream].last_heard = now + 10s;
  EXPECT_EQ(table.claim(stream, 300, now + 10s).evicted, ConnectionId{2});
}

TEST(StreamTable, WhoComesAWhileAfterAnEvictionIsTheNewestAgain) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  TimePoint now = kStart;
  table.claim(stream, 1, now);
  for (ConnectionId newer = 2; newer < 10; ++newer) {
    now += 2s;
    table[stream].last_heard = now;
    EXPECT_EQ(table.claim(stream, newer, now).evicted, newer - 1);
  }
}

TEST(StreamTable, AHolderThatFellSilentKeepsNobodyOut) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  // Its network broke twice within a second, and each time it dials again.
  table.claim(stream, 1, kStart);
  EXPECT_TRUE(table.claim(stream, 2, kStart + 500ms).granted);
  ConnectionId next = 3;
  TimePoint now = kStart + 1s;
  while (!table.claim(stream, next++, now).granted) now += 1s;
  EXPECT_EQ(now, kStart + 6s) << "5 s and a bit after the last it sent";
}

TEST(StreamTable, AContestIsOverWhenTheHolderGoes) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  table.claim(stream, 1, kStart);
  table.claim(stream, 2, kStart);
  table.release(stream, 2);
  EXPECT_TRUE(table.claim(stream, 3, kStart).granted);
  EXPECT_EQ(table.claim(stream, 4, kStart).evicted, ConnectionId{3});
}

TEST(StreamTable, FindsTokensWholeOnly) {
  StreamTable table(10);
  const StreamId stream = *table.add("boiler", "abcdefghij");
  EXPECT_EQ(table.find("abcdefghij"), stream);
  EXPECT_EQ(table.find("abcdefghi"), std::nullopt);
  EXPECT_EQ(table.find("abcdefghijk"), std::nullopt);
  EXPECT_EQ(table.find("ABCDEFGHIJ"), std::nullopt);
  EXPECT_EQ(table.find_name("boiler"), stream);
}

TEST(StreamTable, NamesTheNamelessInOrderAndKeepsGivenNames) {
  StreamTable table(10);
  EXPECT_EQ(table[*table.add("", "one")].name, "stream 1");
  EXPECT_EQ(table[*table.add("boiler", "two")].name, "boiler");
  EXPECT_EQ(table[*table.add("", "three")].name, "stream 2");
  EXPECT_EQ(table[*table.add("other", "two")].name, "boiler");
  EXPECT_EQ(table.size(), 3U);
}

TEST(StreamTable, TakesNoMoreTokensThanItsCapacity) {
  StreamTable table(2);
  EXPECT_TRUE(table.add("", "one"));
  EXPECT_TRUE(table.add("", "two"));
  EXPECT_EQ(table.add("", "three"), std::nullopt);
  EXPECT_TRUE(table.add("", "two"));
}

TEST(StreamTable, FindsWhoWasSilent) {
  StreamTable table(10);
  const StreamId quiet = *table.add("quiet", "one");
  const StreamId loud = *table.add("loud", "two");
  table.add("never connected", "three");
  table.claim(quiet, 1, kStart);
  table.claim(loud, 2, kStart);
  table[loud].last_heard = kStart + 30s;
  EXPECT_TRUE(table.silent_since(kStart - 1s).empty());
  EXPECT_EQ(table.silent_since(kStart), std::vector<ConnectionId>{1});
  EXPECT_EQ(table.silent_since(kStart + 30s), (std::vector<ConnectionId>{1, 2}));
}

TEST(RateMeter, CountsTheLastTenSeconds) {
  RateMeter meter;
  EXPECT_EQ(meter.rate(kStart), 0.0);
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 5; ++i) meter.count(kStart + std::chrono::seconds(second));
  }
  EXPECT_DOUBLE_EQ(meter.rate(kStart + 20s), 5.0);
  EXPECT_DOUBLE_EQ(meter.rate(kStart + 25s), 2.5);
  EXPECT_DOUBLE_EQ(meter.rate(kStart + 10h), 0.0);
}

TEST(RateMeter, TellsAYoungRateByItsOwnAge) {
  RateMeter meter;
  for (int second = 0; second < 2; ++second) {
    for (int i = 0; i < 5; ++i) meter.count(kStart + std::chrono::seconds(second));
  }
  EXPECT_DOUBLE_EQ(meter.rate(kStart + 2s), 5.0);
}

TEST(StreamTable, FindsTheLongestSilentWithoutALookAtAll) {
  StreamTable table(10'000);
  for (StreamId stream = 0; stream < 10'000; ++stream) {
    ASSERT_EQ(table.add("", "token" + std::to_string(stream)), stream);
    table.claim(stream, stream + 1, kStart + stream * 1ms);
  }
  table.announce(0);
  for (StreamId stream = 0; stream < 10'000; ++stream) {
    if (stream != 1) table.release(stream, stream + 1);
  }
  std::size_t looks = 0;
  const auto longest = [&] {
    return table.longest_silent(1, [&](StreamId stream) {
      ++looks;
      return stream != 2;
    });
  };
  for (StreamId stream = 3; stream < 5000; ++stream) {
    ASSERT_EQ(longest(), std::vector<StreamId>{stream});
    table.forget(stream);
    ASSERT_EQ(table.add("", "other" + std::to_string(stream)), stream);
    table.claim(stream, 20'000, kStart + 1h);
  }
  EXPECT_LE(looks, 10'000U);
  table.release(1, 2);
  EXPECT_EQ(longest(), std::vector<StreamId>{1});
}

}  // namespace
}  // namespace plotbridge::endpoint
