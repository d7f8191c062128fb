// One streaming POST, from its head to the status it ends with: which token, how the body is
// framed, what its lines say. Leaves to others: sockets and HTTP heads (http/upload_session). One
// thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/chunked_decoder.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/line_framer.h"
#include "plugin/endpoint/status.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plotbridge::endpoint {

class Upload {
 public:
  struct Head {
    std::string_view token;  // empty: no header
    bool chunked = false;
    std::uint64_t content_length = 0;  // when not chunked
  };

  /// `endpoint` outlives the upload.
  Upload(Endpoint& endpoint, ConnectionId connection)
      : endpoint_(&endpoint), connection_(connection) {}
  /// Gives the stream back if it still has it.
  ~Upload() { release(); }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  /// Opens the stream. Answers the connection that was evicted by it, to be ended with kEvicted.
  std::optional<ConnectionId> start(const Head& head, TimePoint now);

  /// Takes bytes of body as they came. Once the upload ended they are ignored.
  void take(std::string_view bytes, TimePoint now);

  /// The client will send no more.
  void end_of_input();

  /// Ends it from outside: evicted or idle.
  void end(Status status);

  /// What the POST ended with; nothing while it goes on.
  std::optional<Status> ended() const { return ended_; }
  /// The stream; nothing when it was refused.
  std::optional<StreamId> stream() const { return stream_; }
  std::uint64_t lines() const { return lines_; }
  /// Lines of which something was left out, see Endpoint::Taken.
  std::uint64_t cut_lines() const { return cut_lines_; }

 private:
  bool take_lines(std::string_view body, TimePoint now);
  bool take_line(std::string_view line, TimePoint now);
  void end_of_body(TimePoint now);
  void release();

  Endpoint* endpoint_;
  ConnectionId connection_;
  std::optional<StreamId> stream_;
  std::optional<Status> ended_;
  bool chunked_ = false;
  std::uint64_t left_ = 0;  // of a body that is not chunked
  ChunkedDecoder decoder_;
  LineFramer framer_;
  std::uint64_t lines_ = 0;
  std::uint64_t cut_lines_ = 0;
};

}  // namespace plotbridge::endpoint
