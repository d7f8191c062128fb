// Concern: whatever the disk of server.state does, changes reach it in the end without anybody's
// help, and nobody waits for one that is known to fail.
#include "plugin/app/state_keeper.h"

#include "plugin/endpoint/figure.h"

#include "tests/http/raw_client.h"

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
    told_.notify_all();
    if (!changes.whole) ++parts_;
    if (commits_ <= failures_) return fail(ErrorKind::kUnavailable, "no space left");
    kept_ = kept_ || changes.whole;
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

TEST_F(StateKeeperTest, NobodyWaitsForADiskThatIsKnownToFail) {
  const auto port = server_->listen("127.0.0.1", 0);
  ASSERT_TRUE(port);
  failures_ = 1'000'000;
  make_plots(1);
  loop_.start();
  keeper_->start();
  {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(told_.wait_for(lock, 20s, [this] { return commits_ > 0; }));
  }
  for (int i = 0; i < 10; ++i) {
    http::RawClient client(*port);
    client.send(
        "POST / HTTP/1.1\r\nHost: any\r\nplotly-streamtoken: abcdefghij\r\n"
        "Content-Length: 8\r\n\r\n{\"y\":1}\n");
    EXPECT_NE(client.read_to_end().find(" 200 "), std::string::npos);
  }
  const std::lock_guard lock(mutex_);
  EXPECT_LT(commits_, 6) << "each answer waited for an attempt";
}

}  // namespace
}  // namespace plotbridge::app
