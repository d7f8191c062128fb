// A world in virtual time for whole sets of streams: a clock that jumps from event to event, an
// endpoint that evicts and misbehaves as it is told, the wires between. Nothing sleeps; everything
// follows from one seed. One thread.
#pragma once

#include "plugin/app/intake.h"
#include "plugin/app/stream_set.h"
#include "plugin/queue/line_store.h"

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

class World {
 public:
  explicit World(std::uint64_t seed) : random(seed) {}

  TimePoint now{std::chrono::hours(1000)};
  std::mt19937_64 random;
  /// Called after each event, as a loop looks around after each wake-up.
  std::vector<std::function<void()>> after_each;

  void at(TimePoint time, std::function<void()> event) {
    events_.push({time, next_++, std::move(event)});
  }
  void after(Duration delay, std::function<void()> event) { at(now + delay, std::move(event)); }
  /// Lets time pass until `end`.
  void run_until(TimePoint end);

  double fraction() { return std::uniform_real_distribution<double>(0, 1)(random); }
  Duration between(Duration least, Duration most) {
    return least + Duration(static_cast<Duration::rep>(
                       fraction() * static_cast<double>((most - least).count())));
  }
  std::size_t below(std::size_t count) { return random() % count; }

 private:
  struct Event {
    TimePoint at;
    std::uint64_t order;
    std::function<void()> happen;
    bool operator>(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t next_ = 0;
};

class SimulatedEndpoint;

stream::Ending ending(stream::Ending::How how, int status = 0);

/// One connection at the endpoint, with the client's end of the wire.
struct Wire {
  int client = 0;  // who opened it
  std::string token;
  bool open = true;           // at the endpoint
  bool drains = false;        // not open any more, but what still comes is taken and thrown away
  std::string partial;        // of a line
  bool acknowledged = false;  // its lines are, by their numbers
  std::uint64_t number = 0;   // of the next line on it
  std::uint64_t told = 0;     // the number up to which it was acknowledged
  TimePoint last_arrival{};
  std::function<void(const stream::Ending&)> tell_client;
  std::function<void(std::uint64_t)> acknowledge;
};

/// Takes streams, remembers their lines, evicts the older of two connections of one token.
class SimulatedEndpoint {
 public:
  SimulatedEndpoint(World& w, stream::Ending how_it_evicts)
      : world(w), evicts(std::move(how_it_evicts)) {}

  /// A request's head has come: null when nobody listens. `first_line`: acknowledgements are
  /// wanted.
  std::shared_ptr<Wire> accept(int client, const std::string& token,
                               std::function<void(const stream::Ending&)> tell_client,
                               std::optional<std::uint64_t> first_line = std::nullopt);
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
  /// The same without a word, and what was not written down is forgotten.
  void crash(Duration away);
  Wire* owner(const std::string& token);

  World& world;
  stream::Ending evicts;
  bool up = true;
  bool acknowledges = false;                              // lines, by their numbers
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
  void take_line(Wire& wire, std::string line);

  std::map<std::string, std::shared_ptr<Wire>> owners_;
  std::map<std::string, std::uint64_t> positions_;  // of the one producer, by token
  std::map<std::string, std::vector<std::string>> kept_lines_;
  std::map<std::string, std::uint64_t> kept_positions_;
};

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
  bool acknowledges() const override { return answered_; }
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
  bool answered_ = false;  // with acknowledgements
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// One bridge: the streams of a configuration, as the daemon runs them, but for thread and wire.
class Bridge {
 public:
  Bridge(World& world, SimulatedEndpoint& endpoint, int client, std::size_t streams,
         stream::Contest contest = stream::Contest::kShare, queue::LineStore* store = nullptr,
         const config::Stream& like = any_stream());
  ~Bridge() { *alive_ = false; }

  void start();
  /// Queues the next line of a stream, "N" counted up, or a poisoned one.
  void push(std::size_t stream, bool poisoned = false);
  /// Queues this line, which has to last.
  void push_line(std::size_t stream, const std::string& line);
  /// Begins to end in good order, and after some time ends so: what is left goes to the store.
  void drain() { set_->drain(); }
  void put_away();
  /// The network to the endpoint breaks for one stream.
  void cut(std::size_t stream) { transports_[stream]->cut(); }
  app::StreamStatus status(std::size_t stream) const { return intake_.statuses()[stream]; }
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

  World& world_;
  app::Intake intake_;
  queue::LineStore* store_;
  std::vector<SimulatedTransport*> transports_;
  std::unique_ptr<app::StreamSet> set_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
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
