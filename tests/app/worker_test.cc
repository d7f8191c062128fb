// Concern: work that fails costs one call and not the program.
#include "plugin/app/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>

namespace plotbridge::app {
namespace {

TEST(Worker, GoesOnAfterWorkThatThrows) {
  std::atomic<int> calls = 0;
  std::promise<void> second;
  Worker worker([&](TimePoint) {
    if (++calls == 1) throw std::bad_alloc();
    if (calls == 2) second.set_value();
    return kNever;
  });
  worker.start();
  EXPECT_EQ(second.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  worker.stop();
}

}  // namespace
}  // namespace plotbridge::app
