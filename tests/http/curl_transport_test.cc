// Concern: every way in which an endpoint can end a stream is noticed at once, also on an idle
// stream, where libcurl alone would stay silent for ever.
#include "plugin/http/curl_transport.h"

#include "plugin/http/curl_loop.h"

#include "tests/support/raw_peer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;
using How = stream::Ending::How;

// Sends what it is told to and remembers how it ended.
class RecordingClient : public stream::TransportClient {
 public:
  void on_connected() override {
    note([&] { connected = true; });
  }
  std::size_t fill(std::span<char> room) override {
    const std::lock_guard lock(mutex);
    const std::size_t size = std::min(room.size(), to_send.size());
    std::copy_n(to_send.begin(), size, room.begin());
    to_send.erase(0, size);
    return size;
  }
  void on_ended(const stream::Ending& how_it_ended) override {
    note([&] {
      acknowledged = transport->acknowledged_bytes();
      ending = how_it_ended;
    });
  }
  void note(const std::function<void()>& change) {
    const std::lock_guard lock(mutex);
    change();
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  CurlTransport* transport = nullptr;
  std::string to_send;
  bool connected = false;
  std::optional<stream::Ending> ending;
  std::int64_t acknowledged = -1;
};

class CurlTransportTest : public testing::Test {
 protected:
  CurlTransportTest()
      : options_{peer_.url(), "plotbridge/test", Secret("abcdefghij")},
        transport_(std::make_unique<CurlTransport>(loop_.reactor(), options_, client_)) {
    client_.transport = transport_.get();
  }
  ~CurlTransportTest() override {
    on_loop([&] { transport_.reset(); });
    loop_.stop();
    thread_.join();
  }

  void on_loop(std::function<void()> task) {
    {
      const std::lock_guard lock(tasks_mutex_);
      tasks_.push_back(std::move(task));
    }
    loop_.wake();
    std::unique_lock lock(tasks_mutex_);
    tasks_done_.wait(lock, [&] { return tasks_.empty(); });
  }
  void open() {
    on_loop([&] { transport_->open(); });
    peer_.accept();
    peer_.read_until("\r\n\r\n");
  }
  void send(const std::string& text) {
    client_.note([&] { client_.to_send += text; });
    on_loop([&] { transport_->resume(); });
  }
  stream::Ending wait_for_ending(Duration patience = 10s) {
    std::unique_lock lock(client_.mutex);
    if (!client_.changed.wait_for(lock, patience, [&] { return client_.ending.has_value(); })) {
      ADD_FAILURE() << "the end was not noticed";
      return {};
    }
    return *client_.ending;
  }

  test::RawPeer peer_;
  CurlTransportOptions options_;
  RecordingClient client_;
  CurlLoop loop_;
  std::unique_ptr<CurlTransport> transport_;
  std::mutex tasks_mutex_;
  std::condition_variable tasks_done_;
  std::vector<std::function<void()>> tasks_;
  std::thread thread_{[this] {
    loop_.run([this](TimePoint) {
      const std::lock_guard lock(tasks_mutex_);
      for (const auto& task : tasks_) task();
      tasks_.clear();
      tasks_done_.notify_all();
      return CurlLoop::Rest{};
    });
  }};
};

TEST_F(CurlTransportTest, RequestIsThePostThatStreamingEndpointsExpect) {
  open();
  const std::string head = peer_.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("POST / HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("plotly-streamtoken: abcdefghij\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Expect"), std::string::npos) << head;
  EXPECT_EQ(head.find("Content-Type"), std::string::npos) << head;
}

TEST_F(CurlTransportTest, WhatIsResumedGoesAsOneChunk) {
  open();
  send("{\"y\":1}\n{\"y\":2}\n");
  peer_.read_until("\r\n\r\n10\r\n{\"y\":1}\n{\"y\":2}\n\r\n");
  send("\n");
  peer_.read_until("1\r\n\n\r\n");
}

TEST_F(CurlTransportTest, FinOnAnIdleStreamIsNoticed) {
  open();
  peer_.close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
}

TEST_F(CurlTransportTest, HalfCloseIsNoticed) {
  open();
  send("{}\n");
  peer_.read_until("{}\n");
  peer_.half_close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
}

TEST_F(CurlTransportTest, ResetIsNoticed) {
  open();
  peer_.reset();
  EXPECT_EQ(wait_for_ending(2s).how, How::kReset);
}

TEST_F(CurlTransportTest, AnswerBeforeTheEndIsTheEndEvenWhenTheConnectionStays) {
  open();
  peer_.write("HTTP/1.1 423 Locked\r\nContent-Length: 4\r\nRetry-After: 7\r\n\r\nbusy");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.how, How::kStatus);
  EXPECT_EQ(ending.status, 423);
  EXPECT_EQ(ending.retry_after, 7s);
  EXPECT_EQ(ending.detail, "busy");
}

TEST_F(CurlTransportTest, AnswerAndCloseTogetherGiveTheAnswer) {
  open();
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  peer_.close();
  EXPECT_EQ(wait_for_ending(2s).status, 200);
}

TEST_F(CurlTransportTest, InterimAnswerIsNotTheEnd) {
  open();
  peer_.write("HTTP/1.1 102 Processing\r\n\r\n");
  send("{}\n");
  peer_.read_until("{}\n");
  peer_.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending(2s).status, 404);
}

TEST_F(CurlTransportTest, FinishedStreamEndsItsBodyAndGetsTheAnswer) {
  open();
  send("{}\n");
  peer_.read_until("{}\n");
  on_loop([&] { transport_->finish(); });
  peer_.read_until("0\r\n\r\n");
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending().status, 200);
}

TEST_F(CurlTransportTest, AcknowledgedBytesAreThoseOfTheChunks) {
  open();
  send("{\"y\":1}\n");
  peer_.read_until("{\"y\":1}\n\r\n");
  peer_.close();
  wait_for_ending();
  EXPECT_EQ(client_.acknowledged, static_cast<std::int64_t>(stream::chunk_wire_size(8)));
}

TEST_F(CurlTransportTest, RefusedConnectionSaysSo) {
  // A port that was free a moment ago.
  options_.url = test::RawPeer().url();
  on_loop([&] { transport_->open(); });
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  EXPECT_NE(ending.detail.find("onnect"), std::string::npos) << ending.detail;
}

TEST_F(CurlTransportTest, RedirectIsAnEndAndTheTokenStaysHere) {
  test::RawPeer elsewhere;
  open();
  peer_.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + elsewhere.url() +
              "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending(2s).status, 307);
  EXPECT_FALSE(elsewhere.has_caller());
}

}  // namespace
}  // namespace plotbridge::http
