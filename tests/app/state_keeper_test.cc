// Concern: whatever the disk of server.state does, changes reach it in the end without anybody's
// help, and nobody waits for one that is known to fail.
#include "plugin/app/state_keeper.h"

#include "plugin/endpoint/figure.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

class StateKeeperTest : public testing::Test {
 protected:
  StateKeeperTest() {
    endpoint::Options options;
    options.saved.emplace();
    endpoint_ = std::make_unique<endpoint::Endpoint>(std::move(options));
    server_ = std::make_unique<http::EndpointServer>(loop_, *endpoint_);
    keeper_ = std::make_unique<StateKeeper>(
        [this](const endpoint::StateChanges& changes) { return commit(changes); }, loop_,
        *endpoint_, *server_);
  }
  ~StateKeeperTest() override {
    loop_.stop();
    keeper_->stop();
    server_.reset();
  }

  /// Each of 3 MB: a few do not fit into one part of a transaction.
  void make_plots(int count) {
    std::string data = "[{\"y\":[0";
    for (int i = 0; i < 100; ++i) data += ",\"" + std::string(30'000, 'a') + '"';
    data += "]}]";
    for (int i = 0; i < count; ++i) {
      endpoint::Plot& plot = endpoint_->plots().add(endpoint::PlotOrigin::kRest, "plant",
                                                    "plot " + std::to_string(i), "{}");
      endpoint_->plots().fill(plot, *endpoint::read_figure(data, "{}", nullptr),
                              endpoint_->streams());
    }
  }

  Result<void> commit(const endpoint::StateChanges& changes) {
    const std::lock_guard lock(mutex_);
    ++commits_;
    if (!changes.whole) ++parts_;
    if (commits_ <= failures_) return fail(ErrorKind::kUnavailable, "no space left");
    kept_ = kept_ || changes.whole;
    told_.notify_all();
    return {};
  }

  ::testing::AssertionResult comes_to_be_kept() {
    std::unique_lock lock(mutex_);
    if (told_.wait_for(lock, 20s, [this] { return kept_; })) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "after " << commits_ << " commits";
  }

  http::ServerLoop loop_;
  std::unique_ptr<endpoint::Endpoint> endpoint_;
  std::unique_ptr<http::EndpointServer> server_;
  std::unique_ptr<StateKeeper> keeper_;
  std::mutex mutex_;
  std::condition_variable told_;
  int commits_ = 0;
  int parts_ = 0;
  int failures_ = 0;
  bool kept_ = false;
};

TEST_F(StateKeeperTest, TriesAgainByItselfThoughMoreWasWaitingWhenItFailed) {
  make_plots(8);
  failures_ = 1;
  loop_.start();
  keeper_->start();
  EXPECT_TRUE(comes_to_be_kept());
  EXPECT_GT(parts_, 0) << "nothing was waiting: the plots are too small";
}

}  // namespace
}  // namespace plotbridge::app
