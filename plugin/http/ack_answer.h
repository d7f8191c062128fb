// The answer to who numbers his lines, which begins while he still sends: which of them are kept,
// at once and then now and then, and at last why it ended. Leaves to others: what is kept
// (endpoint::PositionBook) and that it soon is (its keeper). Loop thread.
#pragma once

#include "plugin/base/heap_bytes.h"
#include "plugin/base/range_set.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/status.h"
#include "plugin/endpoint/upload.h"
#include "plugin/http/tcp_connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace plotbridge::http {

class AckAnswer {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds(200);
  /// So many are told at once.
  static constexpr std::uint64_t kMostUntold = 1000;
  /// How long the last word waits for everything to be kept when the client may as well send a
  /// little again.
  static constexpr Duration kLittlePatience = std::chrono::milliseconds(300);

  /// All of them outlive the answer. `patience`: how long the last word waits for everything to be
  /// kept when that is what the client hopes for.
  AckAnswer(TcpConnection& connection, const endpoint::Endpoint& endpoint,
            const endpoint::Upload& upload, Duration patience)
      : connection_(connection), endpoint_(endpoint), upload_(upload), patience_(patience) {}

  /// The head, and all that is kept.
  void begin(TimePoint now);
  /// Tells what is newly kept when that is due, and the last word once it need not wait any longer.
  void go_on(TimePoint now);
  /// The upload ended. Whether the last word waits for something to be kept.
  bool end(endpoint::Status status, TimePoint now);
  /// The memory that it takes to know what it has told.
  std::size_t held_bytes() const { return heap_bytes_flat(told_.ranges()); }
  /// The server goes: the last word, if it can be said without waiting.
  void end_at_once();

 private:
  const RangeSet& kept() const { return endpoint_.positions().kept(*upload_.position()); }
  bool all_is_kept() const;
  std::string untold() const;
  void have_told(TimePoint now);
  std::string last_word(endpoint::Status status) const;

  TcpConnection& connection_;
  const endpoint::Endpoint& endpoint_;
  const endpoint::Upload& upload_;
  Duration patience_;
  RangeSet told_;
  TimePoint told_at_{};
  bool begun_ = false;  // the first line is told
  std::optional<endpoint::Status> ending_;
  RangeSet to_keep_;  // what was applied when it ended
  TimePoint until_ = kNever;
  bool over_ = false;
};

}  // namespace plotbridge::http
