#include "plugin/http/request_session.h"

#include "plugin/endpoint/status.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr Duration kBodyDeadline = std::chrono::seconds(30);

}  // namespace

RequestSession::RequestSession(TcpConnection& connection, Respond respond, Refuse refuse,
                               std::size_t most_bytes, ReadBudget* budget)
    : connection_(connection),
      respond_(std::move(respond)),
      refuse_(std::move(refuse)),
      most_bytes_(most_bytes),
      share_(budget) {}

void RequestSession::start(const RequestHead& head, TimePoint now) {
  deadline_ = now + kBodyDeadline;
  chunked_ = head.chunked;
  missing_ = head.content_length;
  if (!chunked_ && missing_ == 0) return answer();
  if (missing_ > most_bytes_) return refuse(413, "the request body is too long");
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
  body_ += bytes;
  if (share_.hold(body_.size())) return true;
  refuse(503, "too much is being sent here at the same time: try again");
  return false;
}

void RequestSession::on_end_of_input(TimePoint) {
  if (deadline_ != kNever) connection_.close();
}

void RequestSession::on_sweep(TimePoint now) {
  if (now >= deadline_) refuse(408, "no whole request body within 30 seconds");
}

void RequestSession::answer() {
  deadline_ = kNever;
  share_.hold(0);
  respond_(std::move(body_));
}

void RequestSession::refuse(int status, std::string_view text) {
  deadline_ = kNever;
  body_ = std::string();
  share_.hold(0);
  connection_.answer(refuse_(status, text));
}

}  // namespace plotbridge::http
