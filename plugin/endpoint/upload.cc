#include "plugin/endpoint/upload.h"

#include <algorithm>
#include <string>
#include <utility>

namespace plotbridge::endpoint {

Upload::~Upload() {
  release();
  if (position_ != nullptr) endpoint_->positions().leave(*position_);
}

void Upload::start(const Head& head, TimePoint now, WallTime wall) {
  chunked_ = head.chunked;
  left_ = head.content_length;
  started_ = now;
  started_wall_ = wall;
  if (!head.time_zone.empty() && endpoint_->local_time()) {
    clock_.emplace(std::string(head.time_zone), endpoint_->local_time());
  }
  const bool empty = !chunked_ && left_ == 0;
  named_ = !head.token.empty();
  if (named_) {
    if (open(head.token, now, head.wish) && empty) end(Status::kDone);
  } else if (empty || head.wish.numbering) {
    end(Status::kMissingToken);
  } else {
    name_by_ = now + (head.names_tokens_in_lines ? endpoint_->idle_timeout() : kNamelessPatience);
  }
}

std::optional<StreamId> Upload::open(std::string_view token, TimePoint now,
                                     const Endpoint::Wish& wish) {
  const Endpoint::Opening opening = endpoint_->open_stream(token, connection_, now, wish);
  if (opening.status != Status::kDone) {
    end(opening.status);
    return std::nullopt;
  }
  streams_.push_back(opening.stream);
  if (opening.evicted) {
    evicted_.push_back({*opening.evicted, opening.evicted_with, opening.evicted_itself});
  }
  if (opening.position != nullptr) {
    position_ = opening.position;
    next_ = wish.numbering->first;
  }
  name_by_ = kNever;
  return opening.stream;
}

std::optional<StreamId> Upload::stream_of(std::string_view token, TimePoint now) {
  if (named_) return streams_.front();
  const auto known = endpoint_->streams().find(token);
  // It may have thousands of them, and whoever loses one ends.
  if (known && endpoint_->streams()[*known].holder == connection_) return known;
  return open(token, now, {});
}

void Upload::take(std::string_view bytes, TimePoint now) {
  if (ended_) return;
  heard_ = false;
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

void Upload::expire(TimePoint now) {
  if (now >= name_by_) end(Status::kMissingToken);
}

void Upload::end(Status status) {
  if (ended_) return;
  ended_ = status;
  release();
}

// Once for all that came together: it may be thousands of chunks, and feed thousands of streams.
void Upload::hear(TimePoint now) {
  if (std::exchange(heard_, true)) return;
  for (const StreamId stream : streams_) endpoint_->hear(stream, now);
  if (position_ != nullptr) endpoint_->positions().hear(*position_, now);
}

bool Upload::take_lines(std::string_view body, TimePoint now) {
  if (!body.empty()) hear(now);
  std::string_view line;
  while (framer_.next(body, line)) {
    if (!take_line(line, now)) return false;
  }
  if (framer_.too_long() || is_too_long_for_nobody(framer_.held_bytes())) end(Status::kBadLine);
  return !ended_;
}

bool Upload::take_line(std::string_view line, TimePoint now) {
  if (position_ == nullptr) return apply(line, now);
  if (const auto control = read_control_line(line)) return take_control(*control);
  if (!is_to_apply()) return !ended_;
  if (!apply(line, now)) return false;
  endpoint_->positions().add(*position_, {next_, next_ + 1});
  ++next_;
  return true;
}

bool Upload::take_control(const ControlLine& line) {
  if (line.voids && line.seq > next_) {
    const OffsetRange never_comes{next_, line.seq};
    if (!endpoint_->positions().has_room(*position_, never_comes)) {
      end(Status::kRanges);
      return false;
    }
    endpoint_->positions().add(*position_, never_comes);
  }
  next_ = line.seq;
  return true;
}

// What it has is skipped unread; what it has no room for ends the stream before it is applied.
bool Upload::is_to_apply() {
  switch (endpoint_->positions().judge(*position_, next_)) {
    case PositionBook::Verdict::kNew:
      return true;
    case PositionBook::Verdict::kHasIt:
      ++next_;
      ++skipped_lines_;
      break;
    case PositionBook::Verdict::kNoRoom:
      end(Status::kRanges);
      break;
  }
  return false;
}

bool Upload::apply(std::string_view line, TimePoint now) {
  LineUpdate* const update =
      is_too_long_for_nobody(line.size()) ? nullptr : endpoint_->read_line(line);
  if (update == nullptr) {
    end(Status::kBadLine);
    return false;
  }
  const auto stream = stream_of(update->token, now);
  if (!stream) return false;
  std::string_view as_it_came = line;
  if (clock_) {
    as_it_came = {};
    const auto since = std::chrono::duration_cast<WallTime::duration>(now - started_);
    clock_->convert(*update, started_wall_ + since);
  }
  if (endpoint_->apply(*stream, *update, as_it_came, now) == Endpoint::Taken::kInPart) ++cut_lines_;
  ++lines_;
  return true;
}

void Upload::end_of_body(TimePoint now) {
  std::string_view line;
  if (framer_.last(line) && !take_line(line, now)) return;
  end(Status::kDone);
}

void Upload::release() {
  for (const StreamId stream : streams_) endpoint_->close_stream(stream, connection_);
}

}  // namespace plotbridge::endpoint
