// Concern: whole bridges in virtual time, one seed a life: whatever an endpoint and rivals do, no
// line is lost, no token is fought over, and every stream comes back. A failure prints its seed:
// PLOTBRIDGE_SEED=N runs that one alone, PLOTBRIDGE_SEEDS=N so many of each kind.
#include "tests/simulation/seeds.h"
#include "tests/simulation/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace plotbridge::test {
namespace {

using namespace std::chrono_literals;
using How = stream::Ending::How;
using stream::State;

// How endpoints end the older of two connections: silently, or with a status.
stream::Ending any_eviction(World& world) {
  switch (world.below(5)) {
    case 0:
      return ending(How::kReset);
    case 1:
      return ending(How::kStatus, 423);
    case 2:
      return ending(How::kStatus, 200);
    case 3:
      return ending(How::kStatus, 308);
    default:
      return ending(How::kFin);
  }
}

std::size_t take_overs(const SimulatedEndpoint& endpoint, int client, const std::string& token,
                       TimePoint from, TimePoint to) {
  return static_cast<std::size_t>(
      std::count_if(endpoint.take_overs.begin(), endpoint.take_overs.end(), [&](const auto& one) {
        return one.client == client && one.token == token && one.at >= from && one.at < to;
      }));
}

void expect_few_take_overs(const SimulatedEndpoint& endpoint, int client, const std::string& token,
                           TimePoint start, int hours, std::size_t first = 6,
                           std::size_t later = 2) {
  EXPECT_LE(take_overs(endpoint, client, token, start, start + 1h), first) << "in the first hour";
  for (int hour = 1; hour < hours; ++hour) {
    const TimePoint from = start + hour * Duration(1h);
    EXPECT_LE(take_overs(endpoint, client, token, from, from + 1h), later)
        << "in hour " << hour + 1;
  }
}

void push_now_and_then(World& world, Bridge& bridge, std::size_t stream, Duration pause,
                       TimePoint end) {
  if (world.now >= end) return;
  bridge.push(stream);
  world.after(world.between(pause / 2, pause * 3 / 2), [&world, &bridge, stream, pause, end] {
    push_now_and_then(world, bridge, stream, pause, end);
  });
}

// A rival that takes the token back whenever it loses it, for hours.
void endure_naive_rival(std::uint64_t seed) {
  World world(seed);
  SimulatedEndpoint endpoint(world, any_eviction(world));
  Bridge bridge(world, endpoint, 1, 1 + world.below(3));
  NaiveRival rival(world, endpoint, Bridge::token(0), world.between(0ms, 5s));
  const TimePoint start = world.now;
  const bool rival_first = world.below(2) == 0;
  if (rival_first) rival.start();
  bridge.start();
  if (!rival_first) world.after(world.between(0s, 10min), [&rival] { rival.start(); });
  world.run_until(start + 4h);
  expect_few_take_overs(endpoint, 1, Bridge::token(0), start, 4);
  for (std::size_t other = 1; other < bridge.issued.size(); ++other) {
    EXPECT_EQ(bridge.status(other).opens, 1u) << "a sibling was touched";
  }
}

// The rival leaves: the stream comes back within the hold, with every line.
void outlive_rival(std::uint64_t seed) {
  World world(seed);
  SimulatedEndpoint endpoint(world, any_eviction(world));
  Bridge bridge(world, endpoint, 1, 1 + world.below(3));
  NaiveRival rival(world, endpoint, Bridge::token(0), world.between(0ms, 2s));
  const TimePoint start = world.now;
  bridge.start();
  rival.start();
  const TimePoint left_at = start + world.between(1s, 2h);
  world.at(left_at, [&rival] { rival.leave(); });
  push_now_and_then(world, bridge, 0, 10min, left_at);
  world.run_until(left_at + 1h + 20s);
  EXPECT_EQ(bridge.status(0).state, State::kLive);
  EXPECT_EQ(bridge.status(0).queued, 0u);
  // Not all lines: some were on the wire when the rival came.
  EXPECT_LE(bridge.issued[0].size(), endpoint.lines[Bridge::token(0)].size());
}

// A second bridge with the same tokens, as when a gateway is replaced and the old one left running.
void share_with_twin(std::uint64_t seed) {
  World world(seed);
  SimulatedEndpoint endpoint(world, any_eviction(world));
  const std::size_t streams = 1 + world.below(4);
  Bridge first(world, endpoint, 1, streams);
  Bridge second(world, endpoint, 2, streams);
  const TimePoint start = world.now;
  first.start();
  world.run_until(start + world.between(0s, 5min));
  const TimePoint meeting = world.now;
  second.start();
  world.run_until(meeting + 4h);
  for (std::size_t i = 0; i < streams; ++i) {
    for (const int client : {1, 2}) {
      // All its streams closing at once looks like a restart at first, and a twin that left the
      // token alone for long is suspected anew when it takes it: one more of each.
      expect_few_take_overs(endpoint, client, Bridge::token(i), meeting, 4, 7, 3);
    }
    EXPECT_NE(endpoint.owner(Bridge::token(i)), nullptr) << "nobody streams";
  }
}

// An endpoint that restarts, closes, answers and refuses at random, and bad lines among the good.
void survive_hostile_endpoint(std::uint64_t seed) {
  World world(seed);
  SimulatedEndpoint endpoint(world, ending(How::kFin));
  const std::size_t streams = 1 + world.below(4);
  Bridge bridge(world, endpoint, 1, streams);
  const TimePoint start = world.now;
  const TimePoint peace = start + 3min;
  bridge.start();
  for (std::size_t i = 0; i < streams; ++i) {
    push_now_and_then(world, bridge, i, world.between(200ms, 5s), peace);
  }
  endpoint.answers_ends = world.below(3) != 0;
  const std::size_t faults = world.below(8);
  for (std::size_t i = 0; i < faults; ++i) {
    const std::size_t stream = world.below(streams);
    const std::string token = Bridge::token(stream);
    world.at(start + world.between(0s, 3min), [&world, &endpoint, &bridge, token, stream] {
      static constexpr int kStatuses[] = {200, 308, 401, 404, 408, 423, 429, 449, 500, 502, 503};
      switch (world.below(5)) {
        case 0:
          return endpoint.restart(world.between(0s, 20s),
                                  ending(world.below(2) == 0 ? How::kFin : How::kReset));
        case 1:
          if (Wire* wire = endpoint.owner(token)) endpoint.end(*wire, ending(How::kFin));
          return;
        case 2:
          if (Wire* wire = endpoint.owner(token)) {
            endpoint.end(*wire, ending(How::kStatus, kStatuses[world.below(11)]));
          }
          return;
        case 3:
          endpoint.refusals[token].push_back(ending(How::kStatus, kStatuses[world.below(11)]));
          if (Wire* wire = endpoint.owner(token)) endpoint.end(*wire, ending(How::kReset));
          return;
        default:
          return bridge.push(stream, true);
      }
    });
  }
  world.run_until(peace + 1h);
  std::size_t good = 0;
  for (std::size_t i = 0; i < streams; ++i) {
    const auto status = bridge.status(i);
    EXPECT_EQ(status.state, State::kLive) << status.name;
    EXPECT_EQ(status.queued, 0u) << status.name;
    // Every good line, and the first time each came they came in order; some twice.
    std::vector<std::string> first_times;
    std::set<std::string> known;
    for (const auto& line : endpoint.lines[Bridge::token(i)]) {
      if (known.insert(line).second) first_times.push_back(line);
    }
    EXPECT_EQ(first_times, bridge.issued[i]) << status.name;
    good += bridge.issued[i].size();
  }
  EXPECT_EQ(bridge.put_aside, bridge.poisoned);
}

// Together 10,000 lives.
TEST(StreamSimulation, naive_rival_is_endured) { for_each_seed(3000, endure_naive_rival); }
TEST(StreamSimulation, stream_comes_back_when_the_rival_leaves) {
  for_each_seed(2000, outlive_rival);
}
TEST(StreamSimulation, two_bridges_of_the_same_tokens_do_not_fight) {
  for_each_seed(2000, share_with_twin);
}
TEST(StreamSimulation, hostile_endpoint_costs_no_line) {
  for_each_seed(3000, survive_hostile_endpoint);
}

}  // namespace
}  // namespace plotbridge::test
