// A transport on a loop of its own against a peer that the test plays, and what the transport told.
#pragma once

#include "plugin/http/curl_loop.h"
#include "plugin/http/curl_transport.h"

#include "tests/support/raw_peer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::http {

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
    const std::size_t size = std::min(room.size(), to_send.size() - sent);
    std::copy_n(to_send.begin() + static_cast<std::ptrdiff_t>(sent), size, room.begin());
    sent += size;
    if (size > 0) chunk_bytes += static_cast<std::int64_t>(stream::chunk_wire_size(size));
    return size;
  }
  void on_have(std::span<const OffsetRange> offsets) override {
    note([&] { have.emplace_back(offsets.begin(), offsets.end()); });
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
  std::size_t sent = 0;          // of `to_send`
  std::int64_t chunk_bytes = 0;  // handed out, framing included
  bool connected = false;
  std::optional<stream::Ending> ending;
  std::int64_t acknowledged = -1;
  std::vector<std::vector<OffsetRange>> have;  // as it was told
};

class CurlTransportTest : public ::testing::Test {
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
    client_.note([&] { client_.ending.reset(); });
    on_loop([&] { transport_->open(std::nullopt); });
    peer_.accept();
    peer_.read_until("\r\n\r\n");
  }
  void send(const std::string& text) {
    client_.note([&] { client_.to_send += text; });
    on_loop([&] { transport_->resume(); });
  }
  stream::Ending wait_for_ending(Duration patience = 10s) {
    if (ended_within(patience)) return *client_.ending;
    ADD_FAILURE() << "the end was not noticed";
    return {};
  }

  bool ended_within(Duration patience) {
    std::unique_lock lock(client_.mutex);
    return client_.changed.wait_for(lock, patience, [&] { return client_.ending.has_value(); });
  }
  // Goes on until the transport has gone: it must do so before 100 MB.
  void write_until_ended(const std::string& bytes) {
    for (std::size_t written = 0; written < 100'000'000; written += bytes.size()) {
      if (!peer_.try_write(bytes)) return;
    }
    ADD_FAILURE() << "it takes everything";
  }
  std::int64_t acknowledged() {
    std::int64_t bytes = -1;
    on_loop([&] { bytes = transport_->acknowledged_bytes(); });
    return bytes;
  }
  // Acknowledgements come a moment after the bytes.
  void expect_acknowledged(std::int64_t bytes) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (acknowledged() != bytes && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    EXPECT_EQ(acknowledged(), bytes);
  }
  // Sends without end until the peer, which does not read, takes nothing any more.
  void fill_up() {
    client_.note([&] { client_.to_send.append(std::size_t{16} << 20, '\n'); });
    on_loop([&] { transport_->resume(); });
    std::int64_t before = -2;
    for (std::int64_t now = acknowledged(); now != before || now <= 0; now = acknowledged()) {
      before = now;  // only time shows that nothing moves any more
      std::this_thread::sleep_for(100ms);
    }
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

}  // namespace plotbridge::http
