#include "plugin/app/endpoint_inquiry.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/range_text.h"

#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;
using AckAnswer = stream::AckSupport::Answer;

// From a question that nobody answered to the next one, and from an answer.
constexpr Duration kPause = 100ms;
constexpr Duration kAnswerHolds = 10s;
constexpr Duration kPatience = 5s;
constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr std::size_t kMostRanges = 4096;
// A gateway says so when the endpoint behind it does not answer.
constexpr int kServerErrors = 500;

}  // namespace

EndpointInquiry::EndpointInquiry(Options options, std::function<void()> on_answer)
    : options_([&options, this] {
        options.call.method = "HEAD";
        options.call.timeout = kPatience;
        options.call.most_bytes = kMostBytes;
        options.call.cancel = &stopping_;
        return std::move(options);
      }()),
      on_answer_(std::move(on_answer)),
      is_asked_of_(options_.tokens.size()) {}

EndpointInquiry::~EndpointInquiry() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EndpointInquiry::wake() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_one();
}

void EndpointInquiry::ask() {
  const std::lock_guard lock(mutex_);
  if (answered_at_ != kNever && steady_now() - answered_at_ < kAnswerHolds) return;
  asked_ = true;
  wake();
}

void EndpointInquiry::ask(std::size_t stream) {
  const std::lock_guard lock(mutex_);
  if (is_asked_of_[stream]) return;
  is_asked_of_[stream] = true;
  asked_of_.push_back(stream);
  wake();
}

std::vector<EndpointInquiry::Answer> EndpointInquiry::take_answers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void EndpointInquiry::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return asked_ || !asked_of_.empty() || stopping_; });
    if (stopping_) return;
    std::optional<std::size_t> stream;
    if (!std::exchange(asked_, false)) {
      stream = asked_of_.front();
      asked_of_.pop_front();
      is_asked_of_[*stream] = false;
    }
    lock.unlock();
    auto answer = put_question(stream);
    const bool is_answer = answer && answer->acknowledges != AckAnswer::kNone;
    lock.lock();
    if (!stream && is_answer) asked_ = false;  // it was asked again meanwhile
    if (!stream) answered_at_ = is_answer ? steady_now() : kNever;
    if (answer) answers_.push_back(*std::move(answer));
    lock.unlock();
    on_answer_();
    lock.lock();
    if (!is_answer) changed_.wait_for(lock, kPause, [this] { return stopping_.load(); });
  }
}

std::optional<EndpointInquiry::Answer> EndpointInquiry::put_question(
    std::optional<std::size_t> stream) {
  http::HttpCall call = options_.call;
  if (stream) {
    call.headers.emplace_back("plotly-streamtoken", options_.tokens[*stream].reveal());
    call.headers.emplace_back("Stream-Producer", options_.producer);
  }
  const TimePoint asked_at = steady_now();
  const auto http = http::http_call(call);
  if (stopping_) return std::nullopt;
  if (!http || http->status >= kServerErrors) {
    const bool is_silent = !http && steady_now() - asked_at >= kPatience;
    if (is_silent) report_silence(http.error().message);
    return Answer{AckAnswer::kNone, stream};
  }
  silence_reported_ = false;
  Answer answer{http->status == 200 ? AckAnswer::kNo : AckAnswer::kUnclear, stream};
  if (http->head.says_it_acknowledges()) answer.acknowledges = AckAnswer::kYes;
  if (http->status != 200) answer.stream.reset();  // that it did not say
  if (!answer.stream) return answer;
  answer.has = read_ranges(http->head.have(), kMostRanges).value_or(answer.has);
  return answer;
}

void EndpointInquiry::report_silence(const std::string& why) {
  if (std::exchange(silence_reported_, true)) return;
  log::warning("the endpoint takes connections and answers nothing",
               {{"why", why},
                {"action", "lines wait until it does, if it has acknowledged lines before"},
                {"hint", "see what the endpoint is doing"}});
}

}  // namespace plotbridge::app
