// One streaming POST, from its head to the status it ends with: which token, how the body is
// framed, what its lines say. Without a token in the head each line names one, as Arduino's clients
// do, which may feed many streams at once. Who numbers his lines may send them in any order, and
// has those skipped that were applied before. Leaves to others: sockets and HTTP heads
// (http/upload_session), telling what is kept (http/ack_answer). One thread at a time.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/chunked_decoder.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/line_framer.h"
#include "plugin/endpoint/status.h"
#include "plugin/endpoint/uptime_clock.h"
#include "plugin/model/control_line.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

class Upload {
 public:
  /// How long a client that named no token may take for its first line.
  static constexpr Duration kNamelessPatience = std::chrono::milliseconds(500);

  /// Of the first line of who named no token yet: he is nobody so far.
  static constexpr std::size_t kMostNamelessBytes = std::size_t{64} << 10;

  struct Head {
    std::string_view token;  // empty: no header
    bool chunked = false;
    std::uint64_t content_length = 0;    // when not chunked
    std::string_view time_zone = {};     // of a client that sends its uptime; empty: it does not
    bool names_tokens_in_lines = false;  // a client of which that is known: it has time
    Endpoint::Wish wish = {};            // heeded with a token only
  };

  /// A connection that lost a stream to this one.
  struct Evicted {
    ConnectionId connection;
    Status status;   // what it is to be ended with
    bool by_itself;  // it was of the same producer
  };

  /// `endpoint` outlives the upload.
  Upload(Endpoint& endpoint, ConnectionId connection)
      : endpoint_(&endpoint), connection_(connection) {}
  /// Gives the streams back that it still has.
  ~Upload();
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  void start(const Head& head, TimePoint now, WallTime wall);

  /// Takes bytes of body as they came. Once the upload ended they are ignored.
  void take(std::string_view bytes, TimePoint now);

  /// The client will send no more.
  void end_of_input();

  /// Ends it from outside: evicted or idle.
  void end(Status status);

  /// Ends it if no token was named in time.
  void expire(TimePoint now);

  /// What the POST ended with; nothing while it goes on.
  std::optional<Status> ended() const { return ended_; }
  /// The streams that it has, or had when it ended; none: no token was named, or it was refused.
  const std::vector<StreamId>& streams() const { return streams_; }
  /// Those since the last call.
  std::vector<Evicted> take_evicted() { return std::exchange(evicted_, {}); }
  /// The memory that is held for a line whose end did not come yet.
  std::size_t held_bytes() const { return ended_ ? 0 : framer_.reserved_bytes(); }
  std::uint64_t lines() const { return lines_; }
  /// Lines of which something was left out, see Endpoint::Taken.
  std::uint64_t cut_lines() const { return cut_lines_; }
  /// Lines that were applied when they came before.
  std::uint64_t skipped_lines() const { return skipped_lines_; }

  /// Of who numbers his lines and was not refused; null: of nobody else.
  const Position* position() const { return position_; }
  /// The offset of the line that comes next: of the bad one, if it ended with one.
  std::uint64_t next() const { return next_; }

 private:
  std::optional<StreamId> open(std::string_view token, TimePoint now, const Endpoint::Wish& wish);
  std::optional<StreamId> stream_of(std::string_view token, TimePoint now);
  void hear(TimePoint now);
  bool take_lines(std::string_view body, TimePoint now);
  bool take_line(std::string_view line, TimePoint now);
  bool take_control(const ControlLine& line);
  bool is_to_apply();
  bool apply(std::string_view line, TimePoint now);
  bool is_too_long_for_nobody(std::size_t line_bytes) const {
    return streams_.empty() && line_bytes > kMostNamelessBytes;
  }
  void end_of_body(TimePoint now);
  void release();

  Endpoint* endpoint_;
  ConnectionId connection_;
  bool named_ = false;  // by the head
  std::vector<StreamId> streams_;
  std::vector<Evicted> evicted_;
  std::optional<Status> ended_;
  bool chunked_ = false;
  std::uint64_t left_ = 0;  // of a body that is not chunked
  TimePoint started_{};
  WallTime started_wall_{};
  TimePoint name_by_ = kNever;
  std::optional<UptimeClock> clock_;
  ChunkedDecoder decoder_;
  LineFramer framer_;
  std::uint64_t lines_ = 0;
  std::uint64_t cut_lines_ = 0;
  std::uint64_t skipped_lines_ = 0;
  Position* position_ = nullptr;
  bool heard_ = false;  // of the bytes that came together
  std::uint64_t next_ = 0;
};

}  // namespace plotbridge::endpoint
