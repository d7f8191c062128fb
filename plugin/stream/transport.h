// The interface to the wire for one stream: open, send, finish, close. It asks for bytes when it
// can take them (pull), so that nothing waits in it. Leaves to others: when to do what
// (connection), and what to send (the client). The stream loop's thread only.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/stream/close_reason.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plotbridge::stream {

/// Who sends through a transport.
class TransportClient {
 public:
  virtual ~TransportClient() = default;
  /// The request's head is out; lines may follow.
  virtual void on_connected() = 0;
  /// Room for a chunk: fill it and say how many bytes. 0: nothing now; the transport asks again
  /// after `resume`.
  virtual std::size_t fill(std::span<char> room) = 0;
  /// The endpoint has kept the lines with these offsets. Only where `open` was given an offset.
  virtual void on_have(std::span<const OffsetRange> offsets) = 0;
  /// The connection or attempt is over. Never called out of `open`, `resume`, `finish` or `close`.
  virtual void on_ended(const Ending& ending) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  /// `first_line`: the offset of the first line to come, where acknowledgements are wanted.
  virtual void open(std::optional<std::uint64_t> first_line) = 0;
  /// Goes as far as `open` does before the request, TLS included, and goes away again, so that no
  /// other client of the token notices: `on_ended` tells kReached, or why not.
  virtual void probe() = 0;
  /// There is something to send.
  virtual void resume() = 0;
  /// Ends the body in good order; the answer comes as `on_ended`.
  virtual void finish() = 0;
  /// Ends at once; `on_ended` is not called.
  virtual void close() = 0;
  /// Bytes of the body's chunks, framing included, that the other side's TCP has acknowledged since
  /// `open`; -1 where that cannot be known. Still right inside `on_ended`.
  virtual std::int64_t acknowledged_bytes() = 0;
  /// Whether the endpoint has said that a power cut may take what it acknowledges. Still right
  /// inside `on_ended`.
  virtual bool loses_with_power() const { return false; }
};

/// What a chunk of `size` bytes takes on the wire: size in hex, data, two line ends.
std::size_t chunk_wire_size(std::size_t size);

}  // namespace plotbridge::stream
