// An intake with one stream, four lines of memory and a spool, as a stream's loop sees it. One
// thread.
#pragma once

#include "plugin/app/intake.h"

#include "tests/support/memory_store.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace plotbridge::app {

using namespace std::chrono_literals;

class IntakeSpoolTest : public testing::Test {
 protected:
  static constexpr std::size_t kStoreCapacity = std::size_t{1} << 20;
  void start(test::MemoryStore& store, config::Stream stream = {}) {
    stream.name = "boiler";
    if (stream.queue_capacity > 4) stream.queue_capacity = 4;
    streams_ = {stream};
    store_ = &store;
    IntakeOptions options;
    options.memory = std::size_t{1} << 20;
    options.store = &store;
    options.store_capacity = kStoreCapacity;
    options.when_spool_full = policy_;
    intake_.emplace(streams_, options);
  }
  std::optional<Discarded> push(int y, bool must_last = true, TimePoint at = kStart) {
    const std::string number = std::to_string(y);
    const std::string text = "{\"y\":" + number + "}\n";
    return intake_->push(0, Line{text, 5, number.size()}, Arrival{at, {}, must_last});
  }
  // Everything that goes, with its connection's acknowledgement.
  std::vector<int> sent(TimePoint now = kStart) {
    std::vector<int> values;
    std::array<char, 4096> room;
    std::size_t offset = 0;
    while (true) {
      const auto filled = intake_->fill(0, room, offset, now);
      if (filled.bytes == 0) break;
      std::string_view text(room.data(), filled.bytes);
      while (!text.empty()) {
        values.push_back(std::stoi(std::string(text.substr(5))));
        text.remove_prefix(text.find('\n') + 1);
      }
      intake_->release(0, filled.lines);
    }
    store_->flush(false);
    return values;
  }
  std::uint64_t discarded(Discarded why) const {
    return intake_->statuses()[0].discarded[static_cast<std::size_t>(why)];
  }
  static std::vector<int> range(int from, int to) {
    std::vector<int> values;
    for (int value = from; value < to; ++value) values.push_back(value);
    return values;
  }

  std::vector<config::Stream> streams_;
  test::MemoryStore* store_ = nullptr;
  WhenSpoolFull policy_ = WhenSpoolFull::kDropOldest;
  std::optional<Intake> intake_;
};

}  // namespace plotbridge::app
