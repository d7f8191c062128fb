// Concern: all short sequences of events, breadth first: one connection against everything that can
// happen to it, two and three bridges that want the same token. Whatever the order, a machine dials
// only when nothing is open, always has something to wait for, and once the world is left alone the
// token is streamed to and hardly ever changes hands.
#include "tests/stream/moments.h"

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

// What the performer has open for a connection.
enum class OnWire { kNone, kDialling, kProbing, kOpen };

// Performs actions as app/stream_driver does; tells what went against the rules.
std::optional<std::string> perform(const Actions& actions, const Connection& connection,
                                   OnWire& line) {
  if (actions.close) line = OnWire::kNone;
  if ((actions.heartbeat || actions.finish) && line != OnWire::kOpen) return "sent without a line";
  if (actions.dial || actions.probe) {
    if (line != OnWire::kNone) return "dialled twice";
    line = actions.dial ? OnWire::kDialling : OnWire::kProbing;
  }
  const State state = connection.state();
  const bool open = connection.may_send() || state == State::kDraining;
  if (open != (line == OnWire::kOpen))
    return "open and state differ in " + std::string(to_text(state));
  const bool dialling = line == OnWire::kDialling || line == OnWire::kProbing;
  if ((state == State::kConnecting) != dialling) return "dial and state differ";
  if ((connection.deadline() == kNever) != (state == State::kIdle)) {
    return "waits for nothing in " + std::string(to_text(state));
  }
  return std::nullopt;
}

class OneConnection {
 public:
  void run(int depth) { step(Scene(), OnWire::kNone, depth); }
  std::size_t steps = 0;

 private:
  static constexpr int kStatuses[] = {200, 404, 408, 422, 423, 429, 500, 503};
  static constexpr int kEnds = 8 + 4;

  void step(const Scene& before, OnWire before_line, int left) {
    if (left == 0) return;
    for (int event = 0; event < 6 + kEnds; ++event) {
      Scene scene = before;
      OnWire line = before_line;
      Actions actions;
      if (event == 0) {
        actions = scene.open();
      } else if (event == 1) {
        if (line != OnWire::kDialling) continue;
        line = OnWire::kOpen;
        actions = scene.connected();
      } else if (event == 2) {
        if (scene.connection.deadline() == kNever) continue;
        actions = scene.wait();
      } else if (event == 3) {
        actions = scene.drain();
      } else if (event == 4) {
        actions = scene.connection.round_off(scene.at());
      } else if (event == 5) {
        if (line != OnWire::kProbing) continue;
        line = OnWire::kNone;
        actions = scene.ended(ended_by(Ending::How::kReached));
      } else {
        const int end = event - 6;
        if (line == OnWire::kNone || (line == OnWire::kProbing && end != kEnds - 1)) continue;
        line = OnWire::kNone;
        constexpr Ending::How kHows[] = {Ending::How::kFin, Ending::How::kReset,
                                         Ending::How::kTimeout, Ending::How::kNoReach};
        actions = scene.ended(end < 8 ? answered(kStatuses[end]) : ended_by(kHows[end - 8]));
      }
      ++steps;
      const auto wrong = perform(actions, scene.connection, line);
      ASSERT_EQ(wrong, std::nullopt) << "after event " << event << ", " << left << " left";
      step(scene, line, left - 1);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
};

TEST(Exhaustive, OneConnectionKeepsTheRulesInEverySequenceOfSevenEvents) {
  OneConnection one;
  one.run(7);
  EXPECT_GT(one.steps, 100'000u);
}

// Bridges that want the same token of an endpoint that keeps the newest connection.
struct Bridges {
  struct Bridge {
    Origin origin{1};
    Connection connection;
    OnWire line = OnWire::kNone;
    std::optional<Ending> news;  // on its way: how the line ended
  };

  Bridges(std::size_t count, const Ending& how) : evicts(how) {
    for (std::size_t i = 0; i < count; ++i) bridges.push_back(fresh());
  }
  // Heartbeats change nothing here.
  Bridge fresh() const { return {Origin(1), Connection({24h, Contest::kShare}, now), {}, {}}; }

  Moment at(Bridge& bridge) const { return {now, 0.5, bridge.origin}; }
  void take(Bridge& bridge, const Actions& actions) {
    if (const auto what = perform(actions, bridge.connection, bridge.line)) wrong = *what;
    if (actions.close && owner == &bridge - bridges.data()) owner = -1;
  }

  void open(std::size_t i) { take(bridges[i], bridges[i].connection.open(at(bridges[i]))); }
  bool can_arrive(std::size_t i) const {
    return (bridges[i].line == OnWire::kDialling || bridges[i].line == OnWire::kProbing) &&
           !bridges[i].news;
  }
  void arrive(std::size_t i) {
    Bridge& bridge = bridges[i];
    if (bridge.line == OnWire::kProbing) {
      bridge.line = OnWire::kNone;
      return take(bridge,
                  bridge.connection.ended(ended_by(Ending::How::kReached), true, at(bridge)));
    }
    if (owner >= 0 && owner != static_cast<int>(i)) {
      bridges[static_cast<std::size_t>(owner)].news = evicts;
      last_take_over = now;
      ++take_overs;
    }
    owner = static_cast<int>(i);
    bridge.line = OnWire::kOpen;
    take(bridge, bridge.connection.connected(at(bridge)));
  }
  void hear(std::size_t i) {
    Bridge& bridge = bridges[i];
    const Ending ending = *std::exchange(bridge.news, {});
    bridge.line = OnWire::kNone;
    take(bridge, bridge.connection.ended(ending, true, at(bridge)));
  }
  void crash(std::size_t i) {
    if (owner == static_cast<int>(i)) owner = -1;
    bridges[i] = fresh();
    open(i);
  }
  void restart_endpoint() {
    if (owner >= 0) bridges[static_cast<std::size_t>(owner)].news = fin();
    owner = -1;
  }
  // The bridge whose deadline comes first.
  std::optional<std::size_t> next() const {
    std::optional<std::size_t> first;
    for (std::size_t i = 0; i < bridges.size(); ++i) {
      const TimePoint due = bridges[i].connection.deadline();
      if (due != kNever && (!first || due < bridges[*first].connection.deadline())) first = i;
    }
    return first;
  }
  void let_time_pass(std::size_t i) {
    Bridge& bridge = bridges[i];
    now = std::max(now, bridge.connection.deadline());
    // One that is evicted and does not know it yet closes in vain.
    const Actions actions = bridge.connection.deadline_reached(at(bridge));
    if (actions.close) bridge.news.reset();
    take(bridge, actions);
  }
  // What is on its way arrives at once, and time passes.
  void run_undisturbed(TimePoint end) {
    while (wrong.empty()) {
      bool moved = false;
      for (std::size_t i = 0; i < bridges.size(); ++i) {
        if (bridges[i].news) {
          hear(i);
          moved = true;
        } else if (can_arrive(i)) {
          arrive(i);
          moved = true;
        }
      }
      if (moved) continue;
      const auto first = next();
      if (!first || bridges[*first].connection.deadline() > end) break;
      let_time_pass(*first);
    }
    now = end;
  }
  // Two with the same fingerprint go on alike.
  std::string fingerprint() const {
    std::string text = std::to_string(owner);
    for (const Bridge& bridge : bridges) {
      const TimePoint due = bridge.connection.deadline();
      const auto left = due == kNever ? -1 : (due - now) / Duration(1ms);
      text += ' ' + std::to_string(static_cast<int>(bridge.connection.state())) + ',' +
              std::to_string(static_cast<int>(bridge.line)) + ',' +
              std::to_string(bridge.news.has_value()) + ',' + std::to_string(left);
    }
    return text;
  }

  Ending evicts;
  TimePoint now{1000h};
  std::vector<Bridge> bridges;
  int owner = -1;
  int take_overs = 0;
  TimePoint last_take_over{};
  std::string wrong;
};

void explore(std::size_t count, const Ending& how, int depth, std::size_t at_least) {
  Bridges start(count, how);
  for (std::size_t i = 0; i < count; ++i) start.open(i);
  std::set<std::string> seen;
  std::deque<std::pair<Bridges, int>> open;
  open.emplace_back(start, depth);
  while (!open.empty()) {
    const auto [world, left] = std::move(open.front());
    open.pop_front();
    const auto consider = [&, &from = world, remaining = left](auto&& change) {
      Bridges next = from;
      change(next);
      ASSERT_EQ(next.wrong, "") << next.fingerprint();
      if (!seen.insert(next.fingerprint()).second) return;
      Bridges later = next;
      later.run_undisturbed(next.now + 6h);
      ASSERT_EQ(later.wrong, "") << "later, after " << next.fingerprint();
      ASSERT_GE(later.owner, 0) << "nobody streams, after " << next.fingerprint();
      const int before = later.take_overs;
      later.run_undisturbed(later.now + 4h);
      // An hour is the longest hold: each may look once, and once more when it was at peace for
      // long.
      ASSERT_LE(later.take_overs - before, static_cast<int>(12 * count)) << next.fingerprint();
      if (remaining > 1) open.emplace_back(std::move(next), remaining - 1);
    };
    for (std::size_t i = 0; i < count; ++i) {
      if (world.bridges[i].news) consider([i](Bridges& next) { next.hear(i); });
      if (world.can_arrive(i)) consider([i](Bridges& next) { next.arrive(i); });
      consider([i](Bridges& next) { next.crash(i); });
      if (testing::Test::HasFatalFailure()) return;
    }
    consider([](Bridges& next) { next.restart_endpoint(); });
    if (const auto first = world.next()) {
      consider([first](Bridges& next) { next.let_time_pass(*first); });
    }
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GE(seen.size(), at_least);
}

TEST(Exhaustive, TwoBridgesOfOneTokenWhereEvictionsAreNamed) {
  explore(2, answered(423), 14, 2000);
}
TEST(Exhaustive, TwoBridgesOfOneTokenWhereEvictionsAreSilent) { explore(2, fin(), 14, 2000); }
TEST(Exhaustive, ThreeBridgesOfOneTokenWhereEvictionsAreNamed) {
  explore(3, answered(423), 9, 2000);
}
TEST(Exhaustive, ThreeBridgesOfOneTokenWhereEvictionsAreSilent) { explore(3, fin(), 9, 2000); }

}  // namespace
}  // namespace plotbridge::stream
