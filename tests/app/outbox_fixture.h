// An outbox with one stream or more and a spool, as a stream's loop sees it. One thread.
#pragma once

#include "plugin/app/outbox.h"

#include "tests/support/memory_store.h"
#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::app {

using namespace std::chrono_literals;

class OutboxTest : public testing::Test {
 protected:
  static constexpr std::size_t kStoreCapacity = std::size_t{1} << 20;
  static constexpr std::size_t kRoomForNothing = 1;  // of memory: what the store has is not here
  using Losses = std::vector<Outbox::Loss>;

  void start(test::MemoryStore* store, std::vector<config::Stream> streams,
             std::size_t memory = std::size_t{1} << 20) {
    for (std::size_t i = 0; i < streams.size(); ++i) streams[i].name = "stream" + std::to_string(i);
    store_ = store;
    OutboxOptions options;
    options.memory = memory;
    options.store = store;
    options.store_capacity = kStoreCapacity;
    options.when_spool_full = policy_;
    options.on_pressure = [this] { ++told_of_pressure_; };
    options.on_store_work = [this] { ++asked_to_work_; };
    outbox_.emplace(streams, options);
  }
  void start(test::MemoryStore& store, const config::Stream& stream = {},
             std::size_t memory = std::size_t{1} << 20) {
    start(&store, {stream}, memory);
  }
  static config::Stream paced(config::WhenFaster when_faster) {
    config::Stream stream;
    stream.max_rate = 20;
    stream.when_faster = when_faster;
    return stream;
  }
  static config::Stream with_capacity(std::size_t lines,
                                      config::WhenFull when_full = config::WhenFull::kDropOldest) {
    config::Stream stream;
    stream.queue_capacity = lines;
    stream.when_full = when_full;
    return stream;
  }

  static std::string text_of(int y) { return "{\"y\":" + std::to_string(y) + "}\n"; }
  // A message with one line.
  Losses push(int y, bool must_last = true, std::size_t stream = 0, TimePoint at = kStart) {
    const std::string text = text_of(y);
    outbox_->push(stream, Line{text, 5, text.size() - 7}, Arrival{at, {}, must_last});
    return outbox_->end_message();
  }
  void push_some(int from, int to, bool must_last = true) {
    for (int y = from; y < to; ++y) push(y, must_last);
  }
  Outbox::Filled fill(std::size_t stream = 0, TimePoint now = kStart) {
    return outbox_->fill(stream, room_, now, {}, in_flight_);
  }
  void arrive(std::size_t stream = 0) {
    outbox_->arrived(stream, in_flight_, kStart);
    in_flight_.clear();
    if (store_ != nullptr) store_->flush(false);
  }
  // Everything that goes over one connection, and arrives.
  std::vector<int> sent(std::size_t stream = 0, TimePoint now = kStart) {
    std::vector<int> values;
    for (auto filled = fill(stream, now); filled.bytes > 0 || filled.waits;
         filled = fill(stream, now)) {
      if (filled.waits) outbox_->do_store_work(now);
      std::string_view text(room_.data(), filled.bytes);
      while (!text.empty()) {
        values.push_back(std::stoi(std::string(text.substr(5))));
        text.remove_prefix(text.find('\n') + 1);
      }
    }
    arrive(stream);
    return values;
  }
  void lose_connection(std::size_t stream = 0) {
    in_flight_.clear();
    outbox_->connection_ended(stream);
  }
  std::uint64_t discarded(Discarded why, std::size_t stream = 0) const {
    return outbox_->statuses()[stream].discarded[static_cast<std::size_t>(why)];
  }
  static std::vector<int> range(int from, int to) {
    std::vector<int> values;
    for (int value = from; value < to; ++value) values.push_back(value);
    return values;
  }

  test::MemoryStore* store_ = nullptr;
  WhenSpoolFull policy_ = WhenSpoolFull::kDropOldest;
  int asked_to_work_ = 0;
  int told_of_pressure_ = 0;
  std::optional<Outbox> outbox_;
  std::array<char, 4096> room_;
  std::vector<OffsetRange> in_flight_;
};

}  // namespace plotbridge::app
