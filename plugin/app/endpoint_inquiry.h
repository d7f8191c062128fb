// Asks the endpoint by requests of their own whether it acknowledges lines, and what it has of a
// stream where its acknowledgements do not come through. On a thread of its own, which is there
// only once somebody asks. Not responsible for: what follows from the answers (stream_set). Any
// thread.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/http/http_call.h"
#include "plugin/model/secret.h"
#include "plugin/stream/ack_support.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::app {

class EndpointInquiry {
 public:
  struct Options {
    http::HttpCall call;  // the endpoint's address and how it is reached
    std::string producer;
    std::vector<Secret> tokens;  // of the streams
  };
  struct Answer {
    stream::AckSupport::Answer acknowledges{};
    std::optional<std::size_t> stream{};  // that it was asked of
    std::vector<OffsetRange> has{};       // of the stream
  };

  /// Calls `on_answer` on its thread when `take_answers` has some.
  EndpointInquiry(Options options, std::function<void()> on_answer);
  ~EndpointInquiry();
  EndpointInquiry(const EndpointInquiry&) = delete;
  EndpointInquiry& operator=(const EndpointInquiry&) = delete;

  /// Whether it acknowledges lines; what it has of a stream. Nothing happens while it is asked that
  /// already, or has answered a moment ago.
  void ask();
  void ask(std::size_t stream);
  std::vector<Answer> take_answers();

 private:
  void wake();
  void run();
  std::optional<Answer> put_question(std::optional<std::size_t> stream);
  void report_silence(const std::string& why);

  const Options options_;
  const std::function<void()> on_answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  std::deque<std::size_t> asked_of_;  // streams
  std::vector<bool> is_asked_of_;     // whether it is among them
  std::vector<Answer> answers_;
  TimePoint answered_at_ = kNever;  // whether it acknowledges; kNever: the last time nobody did
  std::atomic<bool> stopping_{false};
  bool silence_reported_ = false;
  std::thread thread_;
};

}  // namespace plotbridge::app
