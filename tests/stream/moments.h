// One connection with a clock moved by hand and an origin of its own, for scenarios.
#pragma once

#include "plugin/stream/connection.h"

namespace plotbridge::stream {

inline Ending answered(int status) {
  Ending ending;
  ending.how = Ending::How::kStatus;
  ending.status = status;
  return ending;
}
inline Ending ended_by(Ending::How how) {
  Ending ending;
  ending.how = how;
  return ending;
}
inline Ending fin() { return ended_by(Ending::How::kFin); }
inline Ending reset() { return ended_by(Ending::How::kReset); }
inline Ending unreachable() {
  Ending ending = ended_by(Ending::How::kNoReach);
  ending.detail = "Connection refused";
  return ending;
}

/// Random numbers are 1, so that delays are at their ceilings (holds at their floors).
struct Scene {
  explicit Scene(std::size_t streams = 1, Contest contest = Contest::kShare)
      : origin(streams), connection({std::chrono::seconds(20), contest}, now) {}

  Moment at(double random = 1) { return {now, random, origin}; }
  Actions open() { return connection.open(at()); }
  Actions connected() { return connection.connected(at()); }
  Actions ended(const Ending& ending, bool sent_lines = true) {
    return connection.ended(ending, sent_lines, at());
  }
  Actions drain() { return connection.drain(at()); }
  /// Moves to the deadline and tells the connection.
  Actions wait() {
    now = connection.deadline();
    return connection.deadline_reached(at());
  }
  Duration until_deadline() const { return connection.deadline() - now; }
  State state() const { return connection.state(); }
  /// Data flows for so long.
  void flow(Duration time) {
    const TimePoint end = now + time;
    while (connection.deadline() <= end) {
      wait();
      connection.wrote(now);
    }
    now = end;
    connection.wrote(now);
  }
  void become_live() {
    open();
    connected();
    connection.wrote(now);
    wait();
  }

  TimePoint now{std::chrono::hours(1)};
  Origin origin;
  Connection connection;
};

}  // namespace plotbridge::stream
