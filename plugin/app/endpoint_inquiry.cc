#include "plugin/app/endpoint_inquiry.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 500ms;  // from an answer, or the lack of one, to the next question
constexpr Duration kPatience = 5s;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;

}  // namespace

EndpointInquiry::EndpointInquiry(http::HttpCall call) : call_(std::move(call)) {
  call_.timeout = kPatience;
  call_.most_bytes = kMostBytes;
  call_.cancel = &stopping_;
}

EndpointInquiry::~EndpointInquiry() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

TimePoint EndpointInquiry::ask() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  wake_.notify_one();
  return answered_;
}

void EndpointInquiry::run() {
  bool told = false;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return wanted_ || stopping_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    const auto answer = http::http_call(call_);
    // What is too large is an answer, too.
    const bool answered = answer || answer.error().kind == ErrorKind::kInvalid;
    if (!answered && !stopping_ && !std::exchange(told, true)) {
      log::warning("the endpoint takes connections and answers nothing",
                   {{"why", answer.error().message},
                    {"action", "lines wait in the spool until it does"},
                    {"hint", "see what the endpoint is doing"}});
    }
    lock.lock();
    if (answered) {
      answered_ = steady_now();
      told = false;
    }
    wake_.wait_for(lock, kPause, [this] { return stopping_.load(); });
  }
}

}  // namespace plotbridge::app
