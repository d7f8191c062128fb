// Concern: every row of the table happens: from each state, what triggers it leads where the table
// says and asks for what the table says.
#include "tests/stream/moments.h"

#include <gtest/gtest.h>

#include <optional>

namespace plotbridge::stream {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSiblings = 4;

void let_siblings_close(Scene& scene) {
  for (std::size_t i = 0; i < kSiblings; ++i) {
    scene.origin.closed(scene.now - 60s, scene.now, true);
  }
}

// Comes into `state` by the shortest way.
void come_into(Scene& scene, State state) {
  for (std::size_t i = 0; i < kSiblings; ++i) scene.origin.opened();
  switch (state) {
    case State::kIdle:
      return;
    case State::kConnecting:
      scene.open();
      return;
    case State::kProbation:
      scene.open();
      scene.connected();
      return;
    case State::kLive:
      scene.become_live();
      return;
    case State::kDraining:
      scene.become_live();
      scene.drain();
      return;
    case State::kWaiting:
      scene.open();
      scene.ended(unreachable());
      return;
    case State::kStandby:
      scene.become_live();
      scene.ended(answered(423));
      return;
    case State::kParked:
      scene.become_live();
      scene.ended(answered(404));
      return;
  }
}

// A closed stream that looks around, and then finds what makes the trigger.
Actions find_out(Scene& scene, Trigger trigger) {
  scene = Scene(kSiblings + 1);
  come_into(scene, State::kLive);
  const auto close_again = [&scene] {
    scene.wait();
    scene.connected();
    scene.flow(1s);
    scene.ended(fin());
  };
  if (trigger == Trigger::kNetwork) {
    for (std::size_t i = 0; i < kSiblings; ++i) scene.origin.closed(scene.now, scene.now, false);
    scene.ended(answered(502));
    return scene.wait();
  }
  scene.ended(fin());
  if (trigger == Trigger::kEvicted) close_again();
  if (trigger == Trigger::kRestart) let_siblings_close(scene);
  if (trigger == Trigger::kAlone || trigger == Trigger::kAloneAgain) {
    if (trigger == Trigger::kAloneAgain) close_again();
    for (std::size_t i = 0; i < kSiblings; ++i) scene.origin.closed(scene.now, scene.now, false);
  }
  return scene.wait();
}

Actions pull(Scene& scene, Trigger trigger) {
  const State from = scene.state();
  switch (trigger) {
    case Trigger::kOpen:
      return scene.open();
    case Trigger::kConnected:
      return scene.connected();
    case Trigger::kDeadline:
      return scene.wait();
    case Trigger::kDrain:
      return scene.drain();
    case Trigger::kRoundOff:
      return scene.connection.round_off(scene.at());
    case Trigger::kDone:
      if (from != State::kDraining) scene.connection.round_off(scene.at());
      return scene.ended(answered(200));
    case Trigger::kEvicted:
    case Trigger::kRestart:
    case Trigger::kNetwork:
    case Trigger::kSuspect:
    case Trigger::kAlone:
    case Trigger::kAloneAgain:
      if (from == State::kWaiting) return find_out(scene, trigger);
      if (trigger == Trigger::kSuspect) return scene.ended(ended_by(Ending::How::kReached));
      if (trigger == Trigger::kEvicted) return scene.ended(answered(423));
      return scene.ended(answered(trigger == Trigger::kRestart ? 503 : 500));
    case Trigger::kRefused:
      return scene.ended(answered(404));
    case Trigger::kBadData:
      return scene.ended(answered(422));
    case Trigger::kLimited:
      return scene.ended(answered(429));
    case Trigger::kIdleClose:
      return scene.ended(answered(408));
    case Trigger::kUnexplained:
      return scene.ended(fin());
  }
  return {};
}

TEST(ConnectionRows, EachHappensAndDoesWhatItSays) {
  int rows = 0;
  for (const Row& row : connection_table()) {
    Scene scene(kSiblings + 1);
    come_into(scene, row.from);
    ASSERT_EQ(scene.state(), row.from);
    const Actions actions = pull(scene, row.on);
    SCOPED_TRACE(std::string(to_text(row.from)) + " on trigger " +
                 std::to_string(static_cast<int>(row.on)));
    EXPECT_EQ(to_text(scene.state()), to_text(row.to));
    EXPECT_EQ(actions.dial, row.effect == Effect::kDial);
    EXPECT_EQ(actions.probe, row.effect == Effect::kProbe);
    EXPECT_EQ(actions.finish, row.effect == Effect::kFinish);
    EXPECT_EQ(actions.close, row.effect == Effect::kClose);
    EXPECT_EQ(scene.connection.deadline() == kNever, row.to == State::kIdle);
    ++rows;
  }
  EXPECT_GT(rows, 50);
}

}  // namespace
}  // namespace plotbridge::stream
