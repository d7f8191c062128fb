// Concern: whatever others do who are heard all the time, an established name of common size that
// is heard every two seconds is never forgotten, and the sums are right after each step.
#include "plugin/base/state_memory.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>

namespace plotbridge {
namespace {

using namespace std::chrono_literals;

class StateMemoryFlood : public testing::Test {
 protected:
  static constexpr std::size_t kLimit = 160'000;
  static constexpr int kReal = -1;

  struct Heard : StateMemory::Entry {
    Heard(StateMemoryFlood& test, int which, StateMemory::Kind kind)
        : Entry(test.memory_, kind, static_cast<std::uint64_t>(which)),
          owner(test),
          number(which) {}
    void forget() override { owner.known_.erase(number); }
    StateMemoryFlood& owner;
    int number;
  };

  void hear(int number, std::size_t bytes, StateMemory::Kind kind = StateMemory::Kind::kEdgeNode) {
    if (const auto known = known_.find(number); known != known_.end()) {
      return memory_.touch(*known->second);
    }
    auto& name = known_[number] = std::make_unique<Heard>(*this, number, kind);
    if (!memory_.reserve(*name, bytes)) known_.erase(number);
  }
  /// As an edge node does: what has no room is made in itself.
  void grow(int number, std::size_t bytes) {
    hear(number, 20);
    const auto known = known_.find(number);
    if (known == known_.end()) return;
    while (!memory_.reserve(*known->second, bytes) && known->second->bytes() > 20) {
      memory_.release(*known->second, std::min(known->second->bytes() - 20, bytes));
    }
  }
  void establish_real(std::size_t bytes) {
    hear(kReal, bytes);
    pass(2s);
    hear(kReal, bytes);
    ASSERT_TRUE(known_.at(kReal)->is_established());
  }
  void pass(Duration time) { memory_.set_time(now_ += time); }
  void check_sums() const {
    std::size_t all = 0;
    std::size_t established = 0;
    for (const auto& [number, name] : known_) {
      all += name->bytes();
      established += name->is_established() ? name->bytes() : 0;
    }
    ASSERT_EQ(memory_.used(), all);
    ASSERT_LE(all, kLimit);
    ASSERT_LE(established, kLimit / 4 * 3);
  }
  std::size_t random(std::size_t least, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(least, most)(random_);
  }
  /// `act` every 4 ms, for 40 seconds.
  template <class Act>
  void real_one_lives_through(Act act) {
    for (int step = 0; step < 10'000; ++step) {
      pass(4ms);
      act(step);
      if (known_.size() < 1'000 || step % 100 == 0) check_sums();
      ASSERT_TRUE(known_.contains(kReal)) << step;
      if (step % 500 == 0) hear(kReal, 0);
    }
  }

  std::mt19937_64 random_{7};
  StateMemory memory_{kLimit};
  std::map<int, std::unique_ptr<Heard>> known_;
  TimePoint now_ = kStart;
};

class StateMemoryFloodOf : public StateMemoryFlood, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Nodes, StateMemoryFloodOf, testing::Values(1, 2, 3, 15, 16, 17, 40, 200));

// Others have far more than it has, so that it pays for nothing.
TEST_P(StateMemoryFloodOf, NodesThatDoWhateverTheyLike) {
  establish_real(50);
  real_one_lives_through([&, next = 1'000](int) mutable {
    const int one = static_cast<int>(random(1, static_cast<std::size_t>(GetParam())));
    switch (random(0, 6)) {
      case 0:  // is born anew
        known_.erase(one);
        return hear(one, random(300, 20'000));
      case 1:  // shrinks
        hear(one, 300);
        if (const auto known = known_.find(one); known != known_.end()) {
          memory_.release(*known->second, random(0, known->second->bytes() / 2));
        }
        return;
      case 2:  // something is heard once
        return hear(next++, random(300, 2'000), StateMemory::Kind(random(0, 1)));
      case 3:  // or again after a second
        hear(next++, random(300, 2'000), StateMemory::Kind(random(0, 1)));
        return hear(next - 300, random(300, 2'000));
      default:
        return grow(one, random(1, 600));
    }
  });
}

// Others may have four times as much.
TEST_P(StateMemoryFloodOf, NodesThatGrow) {
  for (int i = 0; i < 2 * GetParam(); ++i) {
    hear(1 + i % GetParam(), 20);
    if (i == GetParam()) pass(2s);
  }
  establish_real(kLimit / 4 * 3 / static_cast<std::size_t>(GetParam() + 1) / 4);
  real_one_lives_through([&](int step) { grow(1 + step % GetParam(), 300); });
}

TEST_F(StateMemoryFlood, LargeNodesThatAreHeardAllTheTimeBesideSmallOnesThatAreInvented) {
  establish_real(100);
  real_one_lives_through([&, next = 1'000](int step) mutable {
    grow(1 + step % 16, 700);
    hear(next++, 300);
    hear(next - 300, 300);
  });
}

// A plant, with a flood beside it.
TEST_F(StateMemoryFlood, ThousandsOfSmallNodesKeepTheirRoom) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 10'000; i < 15'000; ++i) hear(i, 20);
    pass(2s);
  }
  establish_real(20'000);
  real_one_lives_through([&, next = 100'000](int step) mutable {
    hear(next++, 500);
    hear(10'000 + step % 5'000, 0);
    for (int i = 10'000; step % 1'000 == 0 && i < 15'000; ++i) ASSERT_TRUE(known_.contains(i)) << i;
  });
}

}  // namespace
}  // namespace plotbridge
