// Concern: whatever breaks between a bridge with a spool and an endpoint that acknowledges lines,
// and whichever of the two is killed, each line arrives once and in its order, or with `live_first`
// history and what is live each in theirs. A failure prints its
// seed: PLOTBRIDGE_SEED=N runs that one alone.
#include "tests/simulation/seeds.h"
#include "tests/simulation/two_series.h"
#include "tests/simulation/world.h"
#include "tests/support/memory_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace plotbridge::test {
namespace {

using namespace std::chrono_literals;
using How = stream::Ending::How;

std::string first_difference(const std::vector<std::string>& arrived,
                             const std::vector<std::string>& issued) {
  const auto [here, there] = std::ranges::mismatch(arrived, issued);
  if (here == arrived.end() && there == issued.end()) return "";
  const std::string what = here == arrived.end() ? "nothing" : *here;
  const std::string wanted = there == issued.end() ? "nothing" : *there;
  return "line " + std::to_string(here - arrived.begin()) + " of " + std::to_string(issued.size()) +
         " is " + what + " in place of " + wanted;
}

class Life {
 public:
  Life(std::uint64_t seed, config::Backlog backlog)
      : world_(seed),
        backlog_(backlog),
        streams_(1 + world_.below(3)),
        store_(streams_),
        endpoint_(world_, ending(How::kStatus, 423)),
        issued_(streams_) {
    endpoint_.acknowledge_lines();
    like_.backlog = backlog;
    if (world_.below(3) == 0) memory_ = 2'000 + world_.below(20'000);
    if (backlog != config::Backlog::kLiveFirst) return;
    // Slow, so that an outage is felt for long, and with little room.
    like_.max_rate = 3 + static_cast<double>(world_.below(4));
    const std::size_t rooms[] = {1, 10, like_.queue_capacity};
    like_.queue_capacity = rooms[world_.below(3)];
    if (world_.below(2) == 0) padding_ = std::string(3'500, '.');
  }

  void run() {
    begin_bridge();
    endpoint_.commit_now_and_then(committing_);
    for (std::size_t stream = 0; stream < streams_; ++stream) feed(stream);
    const TimePoint troubled_until = world_.now + 2min;
    while (world_.now < troubled_until) {
      world_.run_until(world_.now + world_.between(0s, 20s));
      trouble();
    }
    feeding_ = false;
    if (!bridge_) begin_bridge();
    const TimePoint patience = world_.now + 2h;
    while (!everything_arrived() && world_.now < patience) world_.run_until(world_.now + 10s);
    committing_ = false;
    endpoint_.commit();
    for (std::size_t stream = 0; stream < streams_; ++stream) {
      std::vector<std::string> arrived = endpoint_.lines[Bridge::token(stream)];
      if (backlog_ == config::Backlog::kLiveFirst) {
        EXPECT_EQ(third_series(arrived), "") << "stream " << stream;
        std::ranges::sort(arrived, {}, number_of);
      }
      EXPECT_EQ(first_difference(arrived, issued_[stream]), "") << "stream " << stream;
    }
    EXPECT_EQ(store_.lines(), 0u) << "what has arrived is not kept";
  }

 private:
  bool everything_arrived() {
    for (std::size_t stream = 0; stream < streams_; ++stream) {
      if (endpoint_.lines[Bridge::token(stream)].size() < issued_[stream].size()) return false;
    }
    store_.flush(true);
    return store_.lines() == 0;
  }

  void begin_bridge() {
    bridge_ = std::make_unique<Bridge>(world_, endpoint_, ++bridges_, streams_,
                                       stream::Contest::kShare, &store_, like_, memory_);
    bridge_->start();
  }

  void kill_bridge(Duration away) {
    bridge_.reset();
    store_.restart();
    world_.after(away, [this] {
      if (!bridge_) begin_bridge();
    });
  }

  void trouble() {
    switch (world_.below(6)) {
      case 0:
      case 1:
        if (bridge_) bridge_->cut(world_.below(streams_));
        break;
      case 2:
        endpoint_.crash(world_.between(0s, 10s));
        break;
      case 3:
        endpoint_.restart_in_good_order(10s);
        break;
      case 4:
        if (bridge_) kill_bridge(world_.between(0s, 10s));
        break;
      default:
        break;
    }
  }

  void feed(std::size_t stream) {
    world_.after(world_.between(0s, 1s), [this, stream] {
      if (!feeding_) return;
      if (bridge_) {
        issued_[stream].push_back(line_of(next_++, padding_));
        bridge_->push_line(stream, issued_[stream].back());
      }
      feed(stream);
    });
  }

  World world_;
  config::Backlog backlog_;
  std::size_t memory_ = std::size_t{1} << 30;
  config::Stream like_ = Bridge::any_stream();
  std::string padding_;
  std::size_t streams_;
  MemoryStore store_;
  SimulatedEndpoint endpoint_;
  std::vector<std::vector<std::string>> issued_;
  std::unique_ptr<Bridge> bridge_;
  int bridges_ = 0;
  int next_ = 0;
  bool feeding_ = true;
  bool committing_ = true;
};

TEST(DeliverySimulation, EachLineArrivesOnceWhateverBreaks) {
  for_each_seed(2'000, [](std::uint64_t seed) { Life(seed, config::Backlog::kInOrder).run(); });
}
TEST(DeliverySimulation, EachLineArrivesOnceAlsoWhenLiveLinesGoFirst) {
  for_each_seed(2'000, [](std::uint64_t seed) { Life(seed, config::Backlog::kLiveFirst).run(); });
}

}  // namespace
}  // namespace plotbridge::test
