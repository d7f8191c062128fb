// What /status says, as values again: for whoever asks a running daemon from outside (the command
// `status`). Leaves to others: fetching it, showing it (status_table). Any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::app {

struct StatusReport {
  struct Broker {
    std::string url;
    bool connected = false;
    WallTime since;
    std::uint64_t reconnects = 0;
    std::string problem;  // empty: none
  };
  struct Close {
    std::string reason;  // the word
    std::string what;    // the sentence
    WallTime at;
  };
  struct PutAside {
    std::uint64_t lines = 0;
    std::string why;   // of the last one
    std::string line;  // the last one, cut when it is long; empty: not shown
    WallTime at;
  };
  struct Stream {
    std::string name;
    std::string state;
    WallTime since;
    double lines_per_second = 0;
    std::uint64_t queued = 0;
    std::uint64_t spooled = 0;
    std::uint64_t evictions = 0;
    std::optional<Close> last_close;
    std::optional<PutAside> put_aside{};
  };
  struct Spool {
    std::uint64_t bytes = 0;
    double oldest_age_seconds = 0;
    bool degraded = false;
  };
  struct Route {
    std::string topic;
    std::uint64_t errors = 0;
    std::string kinds;  // "json 2, missing_field 1"
    struct Last {
      std::string kind;
      std::string why;  // empty: not shown
      WallTime at;
    };
    std::optional<Last> last{};
  };
  struct Messages {
    std::uint64_t unrouted = 0;
    std::uint64_t oversize = 0;
    std::uint64_t poison = 0;
  };
  std::optional<Broker> broker;
  std::optional<Messages> messages;  // nothing: an older daemon, or one without a broker
  std::vector<Route> routes;
  std::optional<Spool> spool;
  std::vector<Stream> streams;
};

/// Keys that it does not know are passed over; one that is missing makes the whole not understood,
/// but for `spool`, `routes` and `messages`, which an older daemon does not have.
Result<StatusReport> parse_status(std::string_view json);

}  // namespace plotbridge::app
