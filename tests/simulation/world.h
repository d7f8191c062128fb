// Whole bridges in virtual time, over wires to a simulated endpoint, and rivals for their tokens.
// Nothing sleeps; everything follows from one seed. One thread.
#pragma once

#include "plugin/app/outbox.h"
#include "plugin/app/stream_set.h"
#include "plugin/queue/line_store.h"

#include "tests/simulation/simulated_endpoint.h"
#include "tests/simulation/virtual_time.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace plotbridge::test {

/// stream/transport over the world's wires.
class SimulatedTransport : public stream::Transport {
 public:
  SimulatedTransport(World& world, SimulatedEndpoint& endpoint, int client, std::string token,
                     stream::TransportClient& user);
  ~SimulatedTransport() override;

  void open(std::optional<std::uint64_t> first_line) override;
  void probe() override;
  void resume() override;
  void finish() override;
  void close() override;
  std::int64_t acknowledged_bytes() override { return acknowledged_; }
  /// The network between breaks: what is on the way is lost, and the client learns it late.
  void cut();

 private:
  void dial(bool probe, std::optional<std::uint64_t> first_line);
  void end(const stream::Ending& ending);
  void pump(std::uint64_t generation);

  World& world_;
  SimulatedEndpoint& endpoint_;
  int client_;
  std::string token_;
  stream::TransportClient& user_;
  std::shared_ptr<Wire> wire_;
  bool busy_ = false;
  bool finishing_ = false;
  bool finished_ = false;
  std::uint64_t generation_ = 0;  // what belongs to a connection of before is ignored
  std::int64_t acknowledged_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// One bridge: the streams of a configuration, as the daemon runs them, but for thread and wire.
class Bridge {
 public:
  Bridge(World& world, SimulatedEndpoint& endpoint, int client, std::size_t streams,
         stream::Contest contest = stream::Contest::kShare, queue::LineStore* store = nullptr,
         const config::Stream& like = any_stream(), std::size_t memory = std::size_t{1} << 30);
  ~Bridge() { *alive_ = false; }

  void start();
  /// Queues the next line of a stream, "N" counted up, or a poisoned one.
  void push(std::size_t stream, bool poisoned = false);
  /// Queues this line, a JSON object, which has to last.
  void push_line(std::size_t stream, const std::string& line);
  /// Begins to end in good order, and after some time ends so: what is left goes to the store.
  void drain() { set_->drain(); }
  void spill();
  /// The network to the endpoint breaks for one stream.
  void cut(std::size_t stream) { transports_[stream]->cut(); }
  app::StreamStatus status(std::size_t stream) const { return outbox_.statuses()[stream]; }
  /// What it says that it gave up of a stream's lines.
  std::uint64_t given_up(std::size_t stream) const;

  /// Of 20 lines a second, which may all wait in memory.
  static config::Stream any_stream();
  static std::string token(std::size_t stream) { return "token" + std::to_string(stream); }
  std::vector<std::vector<std::string>> issued;  // good lines of each stream
  std::multiset<std::string> poisoned;
  std::multiset<std::string> put_aside;

 private:
  void turn();
  void wait();

  app::OutboxOptions options(queue::LineStore* store, std::size_t memory);

  World& world_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  app::Outbox outbox_;
  queue::LineStore* store_;
  std::vector<SimulatedTransport*> transports_;
  std::unique_ptr<app::StreamSet> set_;
  TimePoint waiting_for_ = kNever;
  int lines_ = 0;
};

/// A client that opens a token's stream again whenever it is thrown out, as official clients do.
class NaiveRival {
 public:
  NaiveRival(World& world, SimulatedEndpoint& endpoint, std::string token, Duration slowest)
      : world_(world), endpoint_(endpoint), token_(std::move(token)), slowest_(slowest) {}
  void start();
  void leave();

 private:
  World& world_;
  SimulatedEndpoint& endpoint_;
  std::string token_;
  Duration slowest_;
  bool left_ = false;
  std::shared_ptr<Wire> wire_;
};

}  // namespace plotbridge::test
