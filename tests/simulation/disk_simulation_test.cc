// Concern: the same with a spool on a disk that is full now and then, under bursts: a bridge that
// ends in good order leaves every line to the next, and one that is killed at least those that the
// disk took. Lines that are gone are told. A failure prints its seed.
#include "plugin/disk/segment_store.h"

#include "tests/disk/faulty_files.h"
#include "tests/simulation/seeds.h"
#include "tests/simulation/two_series.h"
#include "tests/simulation/world.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace plotbridge::test {
namespace {

using namespace std::chrono_literals;
using How = stream::Ending::How;

class DiskLife {
 public:
  DiskLife(std::uint64_t seed, config::Backlog backlog)
      : world_(seed),
        streams_(1 + world_.below(3)),
        endpoint_(world_, ending(How::kStatus, 423)),
        issued_(streams_),
        on_disk_(streams_, true),
        given_up_(streams_) {
    endpoint_.acknowledge_lines();
    like_ = Bridge::any_stream();
    like_.backlog = backlog;
    const std::size_t rooms[] = {4, 100, 1'000};
    like_.queue_capacity = rooms[world_.below(3)];
    if (world_.below(3) == 0) memory_ = 2'000 + world_.below(20'000);
    const double rates[] = {0, 50};
    like_.max_rate = rates[world_.below(2)];
    for (std::size_t i = 0; i < streams_; ++i) {
      options_.streams.push_back("stream" + std::to_string(i));
    }
    options_.directory = folder_.path("spool");
    options_.pause = 0s;
    const std::size_t capacities[] = {std::size_t{256} << 20, std::size_t{1} << 20,
                                      std::size_t{24} << 10};
    options_.capacity = capacities[world_.below(3)];
  }

  void run() {
    begin_bridge();
    endpoint_.commit_now_and_then(committing_);
    for (std::size_t stream = 0; stream < streams_; ++stream) feed(stream);
    const TimePoint troubled_until = world_.now + 1min;
    while (world_.now < troubled_until) {
      world_.run_until(world_.now + world_.between(0s, 8s));
      trouble();
    }
    feeding_ = files_.is_full = false;
    const TimePoint patience = world_.now + 1h;
    // What is on its way is nowhere to be seen: it has arrived, or come back, by the second look.
    for (int looks = 0; looks < 2 && world_.now < patience;) {
      world_.run_until(world_.now + 30s);
      looks = nothing_waits() ? looks + 1 : 0;
    }
    committing_ = false;
    endpoint_.commit();
    if (bridge_) count_given_up();
    for (std::size_t stream = 0; stream < streams_; ++stream) judge(stream);
    EXPECT_EQ(lines_left(), 0u) << "what has arrived is not kept";
  }

 private:
  void judge(std::size_t stream) {
    std::vector<std::string> arrived = endpoint_.lines[Bridge::token(stream)];
    if (like_.backlog == config::Backlog::kLiveFirst) {
      EXPECT_EQ(third_series(arrived), "") << "stream " << stream;
      std::ranges::sort(arrived, {}, number_of);
    }
    std::vector<std::string> missing;
    auto next = issued_[stream].begin();
    for (const std::string& line : arrived) {
      const auto found = std::find(next, issued_[stream].end(), line);
      ASSERT_NE(found, issued_[stream].end()) << line << " came twice or late, stream " << stream;
      missing.insert(missing.end(), next, found);
      next = found + 1;
    }
    missing.insert(missing.end(), next, issued_[stream].end());
    EXPECT_LE(missing.size(), given_up_[stream])
        << "lines are gone without a word, the first of stream " << stream << " is "
        << missing.front();
  }

  std::size_t lines_left() {
    std::size_t lines = 0;
    for (std::size_t stream = 0; store_ && stream < streams_; ++stream) {
      const auto read = store_->read(stream, 0, [&](const auto&) { return ++lines > 0; });
      EXPECT_TRUE(read);
    }
    return lines;
  }

  bool nothing_waits() {
    for (std::size_t stream = 0; stream < streams_; ++stream) {
      if (bridge_ && bridge_->status(stream).queued + bridge_->status(stream).spooled > 0) {
        return false;
      }
    }
    if (store_) store_->flush(true);
    return bridge_ && lines_left() == 0;
  }

  void begin_bridge() {
    auto opened = disk::SegmentStore::open(options_, files_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
    bridge_ = std::make_unique<Bridge>(world_, endpoint_, ++bridges_, streams_,
                                       stream::Contest::kShare, store_.get(), like_, memory_);
    bridge_->start();
  }

  void count_given_up() {
    for (std::size_t stream = 0; stream < streams_; ++stream) {
      given_up_[stream] += bridge_->given_up(stream);
    }
  }

  void end_bridge(Duration away) {
    count_given_up();
    bridge_.reset();
    store_.reset();
    on_disk_.assign(streams_, true);
    world_.after(away, [this] {
      if (!bridge_) begin_bridge();
    });
  }

  void stop_bridge() {
    bridge_->drain();
    stopping_ = true;
    world_.after(world_.between(0s, 6s), [this] {
      stopping_ = false;
      bridge_->spill();
      end_bridge(world_.between(0s, 5s));
    });
  }

  void trouble() {
    const bool running = bridge_ && !stopping_;
    switch (world_.below(8)) {
      case 0:
        if (running) bridge_->cut(world_.below(streams_));
        break;
      case 1:
        endpoint_.crash(world_.between(0s, 10s));
        break;
      case 2:
        endpoint_.restart_in_good_order(10s);
        break;
      case 3:
        if (running && !files_.is_full && std::ranges::all_of(on_disk_, std::identity())) {
          // What is on its way and was given up on disk does not outlive it, which nobody counts.
          bridge_->spill();
          end_bridge(world_.between(0s, 5s));
        }
        break;
      case 4:
        if (running && !files_.is_full) stop_bridge();
        break;
      default:
        if (running) files_.is_full = !files_.is_full;
        break;
    }
  }

  void feed(std::size_t stream) {
    world_.after(world_.between(0s, 1s), [this, stream] {
      if (!feeding_) return;
      // Rarely many at once, as from a broker that kept them.
      const std::size_t lines = world_.below(8) == 0 ? world_.below(300) : 1;
      for (std::size_t i = 0; i < lines && bridge_ && !stopping_; ++i) {
        issued_[stream].push_back(line_of(next_++));
        bridge_->push_line(stream, issued_[stream].back());
        on_disk_[stream] = !files_.is_full;
      }
      feed(stream);
    });
  }

  plotbridge::test::TempDir folder_{"/dev/shm"};
  disk::FaultyFiles files_;
  World world_;
  disk::SpoolOptions options_;
  std::size_t memory_ = std::size_t{1} << 30;
  config::Stream like_;
  std::size_t streams_;
  SimulatedEndpoint endpoint_;
  std::vector<std::vector<std::string>> issued_;
  // By stream: whether the disk took the newest line, and with it all before.
  std::vector<bool> on_disk_;
  std::unique_ptr<disk::SegmentStore> store_;
  std::unique_ptr<Bridge> bridge_;
  std::vector<std::uint64_t> given_up_;
  int bridges_ = 0;
  int next_ = 0;
  bool stopping_ = false;
  bool feeding_ = true;
  bool committing_ = true;
};

constexpr std::uint64_t kOneIn = 40;  // of other lives; each takes 0.4 s

TEST(DiskSimulation, NoLineIsLostWithoutAWord) {
  for_each_seed(
      2'000, [](std::uint64_t seed) { DiskLife(seed, config::Backlog::kInOrder).run(); }, kOneIn);
}
TEST(DiskSimulation, NoLineIsLostWithoutAWordAlsoWhenLiveLinesGoFirst) {
  for_each_seed(
      2'000, [](std::uint64_t seed) { DiskLife(seed, config::Backlog::kLiveFirst).run(); }, kOneIn);
}

}  // namespace
}  // namespace plotbridge::test
