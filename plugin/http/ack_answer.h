// The answer to who numbers his lines, which begins while he still sends: how far they are kept,
// now and then, and at last why it ended. Leaves to others: what is kept (endpoint::PositionBook)
// and that it soon is (its keeper). Loop thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/status.h"
#include "plugin/endpoint/upload.h"
#include "plugin/http/tcp_connection.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace plotbridge::http {

class AckAnswer {
 public:
  static constexpr Duration kPeriod = std::chrono::milliseconds(200);
  /// So many are told at once.
  static constexpr std::uint64_t kMostUntold = 1000;
  /// How long the last word waits for everything to be kept when the client may as well send a
  /// little again.
  static constexpr Duration kLittlePatience = std::chrono::milliseconds(300);

  /// All of them outlive the answer. `first`: the number of the first line. `patience`: how long
  /// the last word waits for everything to be kept when that is what the client hopes for.
  AckAnswer(TcpConnection& connection, const endpoint::Endpoint& endpoint,
            const endpoint::Upload& upload, std::uint64_t first, Duration patience)
      : connection_(connection),
        endpoint_(endpoint),
        upload_(upload),
        patience_(patience),
        told_(first) {}

  void begin();
  /// Tells how far the lines are kept when that is due, and the last word once it need not wait any
  /// longer.
  void go_on(TimePoint now);
  /// The upload ended. Whether the last word waits for something to be kept.
  bool end(endpoint::Status status, TimePoint now);
  /// The server goes: the last word, if it can be said without waiting.
  void end_at_once();

 private:
  std::uint64_t kept() const;
  bool all_is_kept() const { return kept() >= upload_.next(); }
  std::string last_word(endpoint::Status status) const;

  TcpConnection& connection_;
  const endpoint::Endpoint& endpoint_;
  const endpoint::Upload& upload_;
  Duration patience_;
  std::uint64_t told_;
  TimePoint told_at_{};
  std::optional<endpoint::Status> ending_;
  TimePoint until_ = kNever;
  bool over_ = false;
};

}  // namespace plotbridge::http
