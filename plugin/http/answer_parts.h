// An answer that is made and sent part by part, so that the connection holds one of them. Not
// responsible for: room and turns (tcp_connection). One thread at a time.
#pragma once

#include "plugin/base/scratch.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/part_reader.h"
#include "plugin/http/http_message.h"

#include <string>
#include <utility>

namespace plotbridge::http {

class AnswerParts {
 public:
  using State = endpoint::PartReader::State;

  /// `response` has a rest; its head and body are in the first part.
  AnswerParts(HttpResponse response, bool in_chunks)
      : response_(std::move(response)), in_chunks_(in_chunks) {}

  struct Part {
    State state;
    std::string bytes;  // of the wire, but for TLS; nothing where the rest is lost
  };
  Part next(TimePoint now) {
    Part part{response_.rest->read(response_.body, now), {}};
    const bool is_first = !std::exchange(begun_, true);
    if (part.state == State::kLost) return part;
    part.bytes = render_part(response_, is_first, part.state == State::kWhole, in_chunks_);
    free_memory(response_.body);
    return part;
  }
  /// Whether the client was sent one.
  bool begun() const { return begun_; }
  /// Between two parts.
  std::size_t held_bytes() const { return response_.rest->held_bytes(); }

 private:
  HttpResponse response_;
  bool in_chunks_;
  bool begun_ = false;
};

}  // namespace plotbridge::http
