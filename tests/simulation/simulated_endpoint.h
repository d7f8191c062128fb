// An endpoint at the other end of simulated wires. Where lines are acknowledged it is the real one
// (endpoint::Endpoint and Upload, its state on a disk in memory), so that the two sides cannot
// drift apart; where they are not, one that evicts and misbehaves as it is told. One thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/upload.h"
#include "plugin/stream/close_reason.h"

#include "tests/simulation/virtual_time.h"
#include "tests/support/memory_disk.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::test {

/// Of a wire, in each direction.
inline constexpr Duration kLeastDelay = std::chrono::milliseconds(1);
inline constexpr Duration kMostDelay = std::chrono::milliseconds(40);

stream::Ending ending(stream::Ending::How how, int status = 0);

using Ranges = std::vector<OffsetRange>;

/// Who numbers his lines.
struct Producer {
  std::string name;
  std::uint32_t epoch = 0;
  std::uint64_t first = 0;  // the offset of the first line
};

/// One connection at the endpoint, with the client's end of the wire.
struct Wire {
  int client = 0;  // who opened it
  std::string token;
  bool open = true;     // at the endpoint
  bool drains = false;  // not open any more, but what still comes is taken and thrown away
  std::string partial;  // of a line
  std::string producer;
  Ranges told;                               // what was acknowledged on it
  std::unique_ptr<endpoint::Upload> upload;  // where lines are acknowledged
  endpoint::ConnectionId id = 0;
  TimePoint last_arrival{};
  std::function<void(const stream::Ending&)> tell_client;
  std::function<void(const Ranges&)> acknowledge;
};

/// Takes streams, remembers their lines, evicts the older of two connections of one token.
class SimulatedEndpoint {
 public:
  SimulatedEndpoint(World& w, stream::Ending how_it_evicts)
      : world(w), evicts(std::move(how_it_evicts)) {}
  ~SimulatedEndpoint() { end_uploads(); }
  SimulatedEndpoint(const SimulatedEndpoint&) = delete;
  SimulatedEndpoint& operator=(const SimulatedEndpoint&) = delete;

  /// A request's head has come: null when nobody listens.
  std::shared_ptr<Wire> accept(int client, const std::string& token,
                               std::function<void(const stream::Ending&)> tell_client,
                               const std::optional<Producer>& producer = std::nullopt,
                               std::function<void(const Ranges&)> acknowledge = {});
  /// Bytes of the body; whether its TCP acknowledges them. Lines with "poison" are refused.
  bool receive(Wire& wire, std::string_view body);
  void end(Wire& wire, const stream::Ending& how);
  /// Ends every connection and is away for so long.
  void restart(Duration away, const stream::Ending& how);
  /// Says so, with all that came written down; away for so long at most.
  void restart_in_good_order(Duration most);
  /// Writes lines and positions down, together, and acknowledges them.
  void commit();
  /// The same every 50 ms to 2 s, as long as `goes_on`, which outlives the world's events.
  void commit_now_and_then(const bool& goes_on);
  /// Restarts without a word, and what was not written down is forgotten.
  void crash(Duration away);
  Wire* owner(const std::string& token);

  World& world;
  stream::Ending evicts;
  bool up = true;
  /// From now on it is the real one, and acknowledges lines.
  void acknowledge_lines();
  bool acknowledges() const { return real_ != nullptr; }
  bool answers_ends = true;                               // of bodies; otherwise says nothing
  std::map<std::string, std::vector<std::string>> lines;  // by token, in the order they came
  struct TakeOver {
    TimePoint at;
    int client;
    std::string token;
  };
  std::vector<TakeOver> take_overs;
  /// Answers to give to the next requests of a token in place of taking it.
  std::map<std::string, std::deque<stream::Ending>> refusals;

 private:
  bool begin_upload(Wire& wire, const Producer& producer);
  void take_line(Wire& wire, const std::string& line);
  Ranges have(const Wire& wire) const;
  void tell(Wire& wire, const Ranges& ranges);
  void begin_real();
  void end_uploads();

  std::map<std::string, std::shared_ptr<Wire>> owners_;
  std::map<std::string, std::vector<std::string>> kept_lines_;
  endpoint::MemoryDisk disk_;
  std::unique_ptr<endpoint::Endpoint> real_;
  std::vector<std::weak_ptr<Wire>> uploading_;  // they need it
  endpoint::ConnectionId last_id_ = 0;
};

}  // namespace plotbridge::test
