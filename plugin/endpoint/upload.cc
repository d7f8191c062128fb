#include "plugin/endpoint/upload.h"

#include <algorithm>

namespace plotbridge::endpoint {

std::optional<ConnectionId> Upload::start(const Head& head, TimePoint now) {
  const Endpoint::Opening opening = endpoint_->open_stream(head.token, connection_, now);
  if (opening.status != Status::kDone) {
    ended_ = opening.status;
    return std::nullopt;
  }
  stream_ = opening.stream;
  chunked_ = head.chunked;
  left_ = head.content_length;
  if (!chunked_ && left_ == 0) end(Status::kDone);
  return opening.evicted;
}

void Upload::take(std::string_view bytes, TimePoint now) {
  if (ended_ || !stream_) return;
  if (!chunked_) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    left_ -= size;
    if (take_lines(bytes.substr(0, size), now) && left_ == 0) end_of_body(now);
    return;
  }
  while (!bytes.empty() && !ended_) {
    const ChunkedDecoder::Step step = decoder_.next(bytes);
    bytes.remove_prefix(step.used);
    switch (step.answer) {
      case ChunkedDecoder::Answer::kMore:
        take_lines(step.slice, now);
        break;
      case ChunkedDecoder::Answer::kDone:
        end_of_body(now);
        break;
      case ChunkedDecoder::Answer::kBad:
        end(Status::kMalformed);
        break;
    }
  }
}

void Upload::end_of_input() {
  // Before the end of the body: the last line may be half a line, so it does not count.
  if (!ended_) end(Status::kMalformed);
}

void Upload::end(Status status) {
  if (ended_) return;
  ended_ = status;
  release();
}

bool Upload::take_lines(std::string_view body, TimePoint now) {
  if (!body.empty()) endpoint_->hear(*stream_, now);
  std::string_view line;
  while (framer_.next(body, line)) {
    if (!take_line(line, now)) return false;
  }
  if (framer_.too_long()) end(Status::kBadLine);
  return !ended_;
}

bool Upload::take_line(std::string_view line, TimePoint now) {
  switch (endpoint_->take_line(*stream_, line, now)) {
    case Endpoint::Taken::kBad:
      end(Status::kBadLine);
      return false;
    case Endpoint::Taken::kInPart:
      ++cut_lines_;
      break;
    case Endpoint::Taken::kWhole:
      break;
  }
  ++lines_;
  return true;
}

void Upload::end_of_body(TimePoint now) {
  std::string_view line;
  if (framer_.last(line) && !take_line(line, now)) return;
  end(Status::kDone);
}

void Upload::release() {
  if (stream_) endpoint_->close_stream(*stream_, connection_);
}

}  // namespace plotbridge::endpoint
