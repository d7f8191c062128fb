#include "plugin/http/request_session.h"

#include "plugin/base/scratch.h"
#include "plugin/endpoint/status.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr Duration kBodyDeadline = std::chrono::seconds(30);
// A body that is longer is looked at while it comes, at first here and then when it has grown
// sixteenfold: all looks together cost little more than the last.
constexpr std::size_t kFirstLook = 4 * 1024;
constexpr std::size_t kLooksGrow = 16;

}  // namespace

RequestSession::RequestSession(TcpConnection& connection, Respond respond, Refuse refuse,
                               std::size_t most_bytes, std::size_t kept_bytes, Proves proves)
    : connection_(connection),
      respond_(std::move(respond)),
      refuse_(std::move(refuse)),
      most_bytes_(most_bytes),
      kept_bytes_(kept_bytes),
      proves_(std::move(proves)) {}

void RequestSession::start(const RequestHead& head, TimePoint now) {
  deadline_ = now + kBodyDeadline;
  chunked_ = head.chunked;
  missing_ = head.content_length;
  if (!chunked_ && missing_ == 0) return answer();
  if (missing_ > most_bytes_) return refuse(413, "the request body is too long");
  if (!hold()) return;
  if (head.expects_continue) connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
}

void RequestSession::on_bytes(std::string_view bytes, TimePoint) {
  if (deadline_ == kNever) return;  // answered
  if (chunked_) return take_chunks(bytes);
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, bytes.size()));
  missing_ -= size;
  if (take_slice(bytes.substr(0, size)) && missing_ == 0) answer();
}

void RequestSession::take_chunks(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto step = decoder_.next(bytes);
    bytes.remove_prefix(step.used);
    if (step.answer == endpoint::ChunkedDecoder::Answer::kDone) return answer();
    if (step.answer == endpoint::ChunkedDecoder::Answer::kBad) {
      return refuse(400, endpoint::text_of(endpoint::Status::kMalformed));
    }
    if (!take_slice(step.slice)) return;
  }
}

bool RequestSession::take_slice(std::string_view bytes) {
  if (body_.size() + bytes.size() > most_bytes_) {
    refuse(413, "the request body is too long");
    return false;
  }
  append(bytes);
  look_for_proof();
  return hold();
}

bool RequestSession::hold() {
  if (connection_.hold(kept_bytes_ + body_.capacity())) return true;
  connection_.note_limit(ConnectionEnd::kMemory);
  refuse(503, "too much is being sent here at the same time: try again");
  return false;
}

// A string on its own would reserve twice what a long body needs.
void RequestSession::append(std::string_view bytes) {
  const std::size_t size = body_.size() + bytes.size();
  if (size > body_.capacity() && size > kFirstLook) {
    const std::size_t end = chunked_ ? most_bytes_ : body_.size() + bytes.size() + missing_;
    std::string larger;
    larger.reserve(std::max(size, std::min<std::size_t>(end, size + size / 4)));
    larger += body_;
    body_.swap(larger);
  }
  body_ += bytes;
}

void RequestSession::look_for_proof() {
  if (!proves_ || body_.size() < std::max(look_at_, kFirstLook)) return;
  look_at_ = body_.size() * kLooksGrow;
  if (!proves_(body_)) return;
  proves_ = nullptr;
  connection_.prove(Standing::kProved);
}

void RequestSession::on_end_of_input(TimePoint) {
  if (deadline_ != kNever) connection_.close();
}

void RequestSession::on_sweep(TimePoint now) {
  if (now < deadline_) return;
  connection_.note_limit(ConnectionEnd::kSlowBody);
  refuse(408, "no whole request body within 30 seconds");
}

void RequestSession::answer() {
  deadline_ = kNever;
  // The session stays for as long as the answer is on its way; what the callbacks hold does not.
  refuse_ = nullptr;
  proves_ = nullptr;
  in_turn_ ? connection_.wait_for_turn() : respond();
}

void RequestSession::on_turn(TimePoint) {
  if (respond_) respond();
}

void RequestSession::respond() {
  connection_.hold(0);
  std::exchange(respond_, nullptr)(std::move(body_));
}

void RequestSession::refuse(int status, std::string_view text) {
  deadline_ = kNever;
  free_memory(body_);
  connection_.hold(0);
  respond_ = nullptr;
  proves_ = nullptr;
  connection_.answer(std::exchange(refuse_, nullptr)(status, text));
}

}  // namespace plotbridge::http
