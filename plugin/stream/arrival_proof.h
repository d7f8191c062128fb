// How the lines of one connection are known to have arrived: by the best proof that the endpoint
// gives. Three small classes, one of which a connection has. Not responsible for: keeping the lines
// (queue), connections. Pure; one thread at a time.
#pragma once

#include "plugin/base/range_set.h"
#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace plotbridge::stream {

/// How a connection ended, as far as proofs depend on it.
struct ConnectionEnd {
  bool answered = false;         // the endpoint answered the end of the body, and all is well
  bool refused_line = false;     // it refused a line
  bool refused_request = false;  // it refused the request itself, whatever its TCP has
};

class ArrivalProof {
 public:
  using Ranges = std::vector<OffsetRange>;

  virtual ~ArrivalProof() = default;
  /// A chunk went out; with it these lines are whole on the connection.
  virtual void sent(std::size_t wire_bytes, std::span<const OffsetRange> lines, TimePoint now) = 0;

  // Each adds to `arrived` what it proves.

  /// The peer's TCP has so many bytes of chunks.
  virtual void tcp_has(std::int64_t, TimePoint, Ranges&) {}
  virtual bool wants_tcp() const { return false; }
  virtual void ended(const ConnectionEnd& end, Ranges& arrived) = 0;
};

}  // namespace plotbridge::stream
