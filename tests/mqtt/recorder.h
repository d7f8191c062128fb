// Remembers what a Session told, so that a test can wait for it with a deadline.
#pragma once

#include "plugin/mqtt/session.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::test {

struct Received {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retained = false;
  std::vector<std::uint32_t> ids;
  WallTime at;
};

struct Ready {
  bool session_present = false;
  std::vector<std::string> problems;
};

class Recorder {
 public:
  mqtt::SessionCallbacks callbacks() {
    mqtt::SessionCallbacks callbacks;
    callbacks.on_message = [this](const Message& message) {
      if (when_message) when_message(message);
      note([&] {
        messages_.push_back({std::string(message.topic),
                             std::string(message.payload),
                             message.qos,
                             message.retained,
                             {message.subscription_ids.begin(), message.subscription_ids.end()},
                             message.received_at});
      });
    };
    callbacks.on_ready = [this](bool session_present, std::vector<std::string> problems) {
      note([&] { ready_.push_back({session_present, std::move(problems)}); });
    };
    callbacks.on_down = [this](std::string why, mqtt::Down) {
      note([&] { down_.push_back(std::move(why)); });
    };
    callbacks.on_oversize = [this](std::string_view topic, std::size_t size) {
      note([&] { oversize_.push_back({std::string(topic), size}); });
    };
    return callbacks;
  }

  /// Each waits for the n-th (from 1) of its kind; nothing when 10 s pass.
  std::optional<Ready> ready(std::size_t n = 1) { return wait_for(ready_, n); }
  std::string down(std::size_t n = 1) {
    return wait_for(down_, n).value_or("(no on_down in time)");
  }
  std::optional<Received> message(std::size_t n = 1) { return wait_for(messages_, n); }
  std::optional<std::pair<std::string, std::size_t>> oversize(std::size_t n = 1) {
    return wait_for(oversize_, n);
  }

  std::vector<Received> messages() {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::size_t events() {
    const std::lock_guard lock(mutex_);
    return messages_.size() + ready_.size() + down_.size() + oversize_.size();
  }

  /// Called with each message before it is remembered.
  std::function<void(const Message&)> when_message;

 private:
  template <class Change>
  void note(Change change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }
  template <class T>
  std::optional<T> wait_for(const std::vector<T>& list, std::size_t n) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return list.size() >= n; })) {
      return std::nullopt;
    }
    return list[n - 1];
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Received> messages_;
  std::vector<Ready> ready_;
  std::vector<std::string> down_;
  std::vector<std::pair<std::string, std::size_t>> oversize_;
};

}  // namespace plotbridge::test
