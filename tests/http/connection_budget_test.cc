// Concern: what strangers hold is bounded, by address and in all; the oldest of them goes first,
// and never anybody who has shown a token or a key.
#include "plugin/http/connection_budget.h"

#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace plotbridge::http {
namespace {

PeerAddress peer(std::uint8_t last) {
  PeerAddress made;
  made.bytes[3] = last;
  return made;
}
PeerAddress loopback() {
  PeerAddress made = peer(1);
  made.loopback = true;
  return made;
}

class ConnectionBudgetTest : public testing::Test {
 protected:
  using Share = ConnectionBudget::Share;
  static constexpr ConnectionBudget::Limits kLimits{.connections = 20,
                                                    .unproved = 10,
                                                    .unproved_per_peer = 3,
                                                    .guests = 4,
                                                    .unproved_bytes = 1000,
                                                    .other_bytes = 3000};

  std::unique_ptr<Share> connect(const PeerAddress& from, std::size_t own_bytes = 0) {
    return std::make_unique<Share>(budget, ++last_id, from, own_bytes);
  }
  std::unique_ptr<Share> connect(Standing standing, std::size_t bytes = 0) {
    auto share = connect(loopback());
    EXPECT_TRUE(share->prove(standing));
    EXPECT_TRUE(share->try_hold(bytes));
    return share;
  }

  std::vector<std::pair<ConnectionId, ConnectionEnd>> ended;
  ConnectionBudget budget{
      kLimits, [this](ConnectionId id, ConnectionEnd why) { ended.emplace_back(id, why); }};
  ConnectionId last_id = 0;
};

TEST_F(ConnectionBudgetTest, OneAddressLosesItsOwnOldestConnectionAndNobodyElses) {
  std::vector<std::unique_ptr<Share>> shares;
  shares.push_back(connect(peer(7)));
  for (int i = 0; i < 5; ++i) shares.push_back(connect(peer(8)));
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0], std::pair(ConnectionId{2}, ConnectionEnd::kPeer));
  EXPECT_EQ(ended[1], std::pair(ConnectionId{3}, ConnectionEnd::kPeer));
  EXPECT_EQ(budget.load().unproved, 4U);
}

TEST_F(ConnectionBudgetTest, OnLoopbackThereIsOnlyTheLimitForAll) {
  std::vector<std::unique_ptr<Share>> shares;
  for (int i = 0; i < 12; ++i) shares.push_back(connect(loopback()));
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0], std::pair(ConnectionId{1}, ConnectionEnd::kUnproved));
  EXPECT_TRUE(shares.front()->gone());
  EXPECT_FALSE(shares.front()->try_hold(1));
  EXPECT_FALSE(shares.front()->prove(Standing::kProved));
  EXPECT_EQ(budget.load().connections, 10U);
}

TEST_F(ConnectionBudgetTest, WhoProvedSomethingKeepsItsSlotHoweverManyStrangersCome) {
  std::vector<std::unique_ptr<Share>> proved;
  for (int i = 0; i < 15; ++i) proved.push_back(connect(Standing::kProved, 10));
  std::vector<std::unique_ptr<Share>> strangers;
  for (int i = 0; i < 100; ++i) strangers.push_back(connect(loopback()));
  EXPECT_EQ(budget.load().connections, kLimits.connections);
  for (const auto& share : proved) EXPECT_FALSE(share->gone());
  EXPECT_TRUE(strangers.back()->prove(Standing::kProved));
  EXPECT_FALSE(budget.is_full());
}

TEST_F(ConnectionBudgetTest, GuestsAreRefusedBeforeTheyLeaveNoSlotForOthers) {
  std::vector<std::unique_ptr<Share>> guests;
  for (int i = 0; i < 4; ++i) guests.push_back(connect(Standing::kGuest));
  auto one_more = connect(loopback());
  EXPECT_FALSE(one_more->prove(Standing::kGuest));
  EXPECT_EQ(one_more->standing(), Standing::kUnproved);
  EXPECT_TRUE(one_more->prove(Standing::kProved));
  EXPECT_TRUE(guests.front()->prove(Standing::kProved));
  EXPECT_TRUE(connect(loopback())->prove(Standing::kGuest));
}

TEST_F(ConnectionBudgetTest, OfTheBytesTheOldestOfThoseWithMoreThanTheirPartGoes) {
  const auto small = connect(loopback());
  const auto large = connect(loopback());
  const auto larger = connect(loopback());
  EXPECT_TRUE(small->try_hold(50));
  EXPECT_TRUE(large->try_hold(400));
  EXPECT_TRUE(larger->try_hold(545));
  EXPECT_TRUE(small->try_hold(60));
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0], std::pair(ConnectionId{2}, ConnectionEnd::kMemory));
  EXPECT_EQ(budget.load().unproved_bytes, 605U);
  EXPECT_FALSE(small->try_hold(1001));  // ends nobody else
  EXPECT_FALSE(larger->gone());
}

TEST_F(ConnectionBudgetTest, WhatAConnectionCostsCountsUntilItIsProved) {
  const auto older = connect(loopback());
  const auto newer = connect(loopback());
  EXPECT_TRUE(older->try_hold(600));
  EXPECT_TRUE(newer->try_cost(300));
  EXPECT_TRUE(newer->try_hold(50));
  EXPECT_EQ(budget.load().unproved_bytes, 950U);
  EXPECT_TRUE(newer->try_cost(500)) << "the older one goes for it";
  EXPECT_TRUE(older->gone());
  EXPECT_EQ(budget.load().unproved_bytes, 550U);
  EXPECT_FALSE(newer->try_cost(1001));
  EXPECT_TRUE(newer->prove(Standing::kProved));
  EXPECT_EQ(budget.load().bytes, 50U);
}

TEST_F(ConnectionBudgetTest, StrangersTakeNoBytesOfThoseWhoProvedSomething) {
  const auto stranger = connect(loopback(), 100);
  EXPECT_TRUE(stranger->try_hold(900));
  const auto proved = connect(Standing::kProved, 3000);
  EXPECT_EQ(budget.load().bytes, 4000U);
  EXPECT_FALSE(proved->try_hold(3001));
  EXPECT_TRUE(proved->try_hold(2000));
}

TEST_F(ConnectionBudgetTest, GuestsMakeRoomForThoseWhoProvedSomething) {
  const auto guest = connect(Standing::kGuest, 1500);
  const auto other = connect(Standing::kGuest, 1500);
  EXPECT_FALSE(other->try_hold(1501));
  EXPECT_TRUE(ended.empty());
  const auto proved = connect(Standing::kProved, 1000);
  EXPECT_TRUE(guest->gone());
  EXPECT_FALSE(other->gone());
  EXPECT_FALSE(proved->try_hold(3001));  // ends nobody in vain
  EXPECT_FALSE(other->gone());
}

TEST_F(ConnectionBudgetTest, GuestWhoProvesItselfIsCountedOnceAndNobodyGoesForIt) {
  const auto proved = connect(Standing::kProved, 2000);
  const auto small = connect(Standing::kGuest, 100);
  const auto large = connect(Standing::kGuest, 800);
  EXPECT_TRUE(large->prove(Standing::kProved));
  EXPECT_FALSE(small->gone());
  EXPECT_TRUE(ended.empty());
  EXPECT_EQ(budget.load().bytes, 2900U);
}

TEST_F(ConnectionBudgetTest, WhoProvesItselfTakesItsBytesAlongButNotItsOwnCost) {
  const auto share = connect(loopback(), 100);
  EXPECT_TRUE(share->try_hold(300));
  EXPECT_EQ(budget.load().unproved_bytes, 400U);
  EXPECT_TRUE(share->prove(Standing::kProved));
  EXPECT_EQ(budget.load().unproved_bytes, 0U);
  EXPECT_EQ(budget.load().bytes, 300U);
}

TEST_F(ConnectionBudgetTest, OneAnswerAtATimeMayBeLargerThanItsPool) {
  const auto first = connect(loopback());
  const auto small = connect(loopback());
  EXPECT_TRUE(small->try_hold(900));
  EXPECT_TRUE(first->try_hold_answer(5000));
  EXPECT_EQ(budget.load().bytes, 5900U);
  const auto second = connect(loopback());
  EXPECT_TRUE(second->try_hold_answer(6000));
  EXPECT_TRUE(first->gone());
  EXPECT_FALSE(small->gone());
  EXPECT_EQ(budget.load().bytes, 6900U);
  const auto proved = connect(Standing::kProved);
  EXPECT_TRUE(proved->try_hold_answer(7000));
  EXPECT_TRUE(second->gone());
  const auto third = connect(loopback());
  EXPECT_FALSE(third->try_hold_answer(6000));
  proved->hold(10);
  EXPECT_TRUE(third->try_hold_answer(6000));
  EXPECT_EQ(budget.load().bytes, 6910U);
}

TEST_F(ConnectionBudgetTest, EverythingIsGivenBack) {
  {
    const auto stranger = connect(peer(9), 10);
    const auto guest = connect(Standing::kGuest, 20);
    const auto proved = connect(Standing::kProved, 30);
    EXPECT_TRUE(proved->try_hold_answer(9000));
  }
  const ConnectionBudget::Load load = budget.load();
  EXPECT_EQ(load.connections + load.unproved + load.bytes + load.unproved_bytes, 0U);
}

TEST_F(ConnectionBudgetTest, CountsWhatAConnectionCostsOfGuestsToo) {
  auto guest = connect(loopback(), 100);
  EXPECT_EQ(budget.load().unproved_bytes, 100U);
  ASSERT_TRUE(guest->prove(Standing::kGuest));
  EXPECT_TRUE(guest->try_hold(50));
  EXPECT_EQ(budget.load().bytes, 150U);
  ASSERT_TRUE(guest->prove(Standing::kProved));
  EXPECT_EQ(budget.load().bytes, 50U);
}

TEST_F(ConnectionBudgetTest, KeepsTheShareOfAConnectionThatCannotBeEnded) {
  ConnectionBudget failing(kLimits, [](ConnectionId, ConnectionEnd) { throw std::bad_alloc(); });
  std::vector<std::unique_ptr<Share>> shares;
  for (ConnectionId id = 1; id <= kLimits.unproved; ++id) {
    shares.push_back(std::make_unique<Share>(failing, id, loopback(), 0));
  }
  EXPECT_THROW(Share(failing, 99, loopback(), 0), std::bad_alloc);
  EXPECT_FALSE(shares.front()->gone());
  EXPECT_EQ(failing.load().unproved, kLimits.unproved);
}

}  // namespace
}  // namespace plotbridge::http
