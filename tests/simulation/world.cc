#include "tests/simulation/world.h"

#include "plugin/stream/transport.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace plotbridge::test {
namespace {

using namespace std::chrono_literals;

// The bodies of streams do not matter: their lines do.
constexpr std::size_t kChunk = 4096;
// Rare, so that hours are short.
constexpr Duration kHeartbeat = 50s;

std::vector<config::Stream> streams_of(std::size_t count, const config::Stream& like) {
  std::vector<config::Stream> streams(count, like);
  for (std::size_t i = 0; i < count; ++i) streams[i].name = "stream" + std::to_string(i);
  return streams;
}

std::vector<std::string> names_of(const std::vector<config::Stream>& streams) {
  std::vector<std::string> names;
  for (const auto& stream : streams) names.push_back(stream.name);
  return names;
}

}  // namespace

void World::run_until(TimePoint end) {
  while (!events_.empty() && events_.top().at <= end) {
    Event event = std::move(const_cast<Event&>(events_.top()));
    events_.pop();
    now = std::max(now, event.at);
    event.happen();
    for (const auto& look : after_each) look();
  }
  now = end;
}

SimulatedTransport::SimulatedTransport(World& world, SimulatedEndpoint& endpoint, int client,
                                       std::string token, stream::TransportClient& user)
    : world_(world), endpoint_(endpoint), client_(client), token_(std::move(token)), user_(user) {}

// The process is gone: what it has written still arrives.
SimulatedTransport::~SimulatedTransport() {
  *alive_ = false;
  if (!wire_) return;
  wire_->acknowledge = nullptr;
  world_.at(std::max(world_.now, wire_->last_arrival), [wire = wire_] { wire->open = false; });
}

void SimulatedTransport::open(std::optional<std::uint64_t> first_line) { dial(false, first_line); }
void SimulatedTransport::probe() { dial(true, std::nullopt); }

void SimulatedTransport::dial(bool probe, std::optional<std::uint64_t> first_line) {
  EXPECT_FALSE(busy_) << "dialled while a connection was open";
  busy_ = true;
  finishing_ = finished_ = false;
  acknowledged_ = 0;
  const std::uint64_t generation = ++generation_;
  world_.after(world_.between(kLeastDelay, kMostDelay),
               [this, alive = alive_, generation, probe, first_line] {
                 if (!*alive || generation != generation_) return;
                 if (!endpoint_.up) return end(ending(stream::Ending::How::kNoReach));
                 if (probe) return end(ending(stream::Ending::How::kReached));
                 std::optional<Producer> producer;
                 const auto epoch = static_cast<std::uint32_t>(client_);
                 if (first_line) producer = {"bridge", epoch, *first_line};
                 wire_ = endpoint_.accept(
                     client_, token_,
                     [this, alive, generation](const auto& how) {
                       if (*alive && generation == generation_) end(how);
                     },
                     producer,
                     [this, alive, generation](const Ranges& have) {
                       if (*alive && generation == generation_) user_.on_have(have);
                     });
                 user_.on_connected();
                 pump(generation);
               });
}

void SimulatedTransport::end(const stream::Ending& how) {
  busy_ = false;
  ++generation_;
  if (wire_) wire_->open = false;
  wire_.reset();
  user_.on_ended(how);
}

void SimulatedTransport::resume() {
  world_.after(0s, [this, alive = alive_, generation = generation_] {
    if (*alive && generation == generation_ && wire_) pump(generation);
  });
}

void SimulatedTransport::pump(std::uint64_t generation) {
  std::array<char, kChunk> room;
  while (wire_ && generation == generation_ && !finished_) {
    const std::size_t size = user_.fill(room);
    if (size == 0) break;
    // On the way; acknowledged when it is there, unless the client has gone meanwhile.
    wire_->last_arrival =
        std::max(wire_->last_arrival, world_.now + world_.between(kLeastDelay, kMostDelay));
    world_.at(wire_->last_arrival, [this, alive = alive_, generation, wire = wire_,
                                    &endpoint = endpoint_, body = std::string(room.data(), size)] {
      const bool taken = endpoint.receive(*wire, body);
      if (taken && *alive && generation == generation_) {
        acknowledged_ += static_cast<std::int64_t>(stream::chunk_wire_size(body.size()));
      }
    });
  }
  if (finishing_ && !finished_ && wire_ && generation == generation_) {
    finished_ = true;
    world_.after(kMostDelay * 2, [wire = wire_, &endpoint = endpoint_] {
      if (wire->open && endpoint.answers_ends)
        endpoint.end(*wire, ending(stream::Ending::How::kStatus, 200));
    });
  }
}

void SimulatedTransport::cut() {
  if (!wire_) return;
  wire_->open = false;
  wire_->acknowledge = nullptr;
  world_.after(world_.between(0s, 20s), [this, alive = alive_, generation = generation_] {
    if (*alive && generation == generation_) end(ending(stream::Ending::How::kTimeout));
  });
}

void SimulatedTransport::finish() {
  if (std::exchange(finishing_, true)) return;
  resume();
}

void SimulatedTransport::close() {
  busy_ = false;
  ++generation_;
  if (wire_) wire_->open = false;
  wire_.reset();
}

Bridge::Bridge(World& world, SimulatedEndpoint& endpoint, int client, std::size_t streams,
               stream::Contest contest, queue::LineStore* store, const config::Stream& like,
               std::size_t memory)
    : issued(streams),
      world_(world),
      outbox_(streams_of(streams, like), options(store, memory)),
      store_(store),
      transports_(streams) {
  app::Delivery delivery;
  delivery.spooled = store != nullptr;
  delivery.acks = stream::AckSupport(endpoint.acknowledges(), client > 1);
  delivery.ask = [this, &world, &endpoint, alive = alive_] {
    world.after(world.between(kLeastDelay, kMostDelay * 2), [this, &endpoint, alive] {
      using Answer = stream::AckSupport::Answer;
      if (*alive) set_->endpoint_answered(endpoint.up ? Answer::kYes : Answer::kNone);
    });
  };
  set_ = std::make_unique<app::StreamSet>(
      app::StreamContext{
          outbox_,
          std::mt19937_64(world.random()),
          stream::Origin(streams),
          {kHeartbeat, contest},
          [&world] { return world.now; },
          [this, &world, &endpoint, client](std::size_t stream, stream::TransportClient& user) {
            auto transport =
                std::make_unique<SimulatedTransport>(world, endpoint, client, token(stream), user);
            transports_[stream] = transport.get();
            return transport;
          },
          [this](const app::RefusedLine& line) {
            put_aside.insert(std::string(line.line.substr(0, line.line.size() - 1)));
          },
          {},
          delivery},
      names_of(streams_of(streams, like)));
  world.after_each.push_back([this, alive = alive_] {
    if (*alive) wait();
  });
}

app::OutboxOptions Bridge::options(queue::LineStore* store, std::size_t memory) {
  app::OutboxOptions options;
  options.memory = memory;
  options.store = store;
  options.store_capacity = std::size_t{1} << 20;
  // By another thread, so a moment later.
  options.on_store_work = [this] {
    world_.after(world_.between(0ms, 5ms), [this, alive = alive_] {
      if (!*alive) return;
      outbox_.do_store_work(world_.now);
      turn();
    });
  };
  return options;
}

config::Stream Bridge::any_stream() {
  config::Stream stream;
  stream.max_rate = 20;
  stream.when_faster = config::WhenFaster::kQueue;
  stream.queue_capacity = 1'000'000;
  return stream;
}

void Bridge::start() {
  set_->open();
  wait();
}

void Bridge::push(std::size_t stream, bool poisoned_line) {
  std::string line = (poisoned_line ? "poison" : "") + std::to_string(++lines_);
  const std::string bytes = line + "\n";
  outbox_.push(stream, Line{bytes}, Arrival{world_.now});
  outbox_.end_message();
  if (poisoned_line) {
    poisoned.insert(std::move(line));
  } else {
    issued[stream].push_back(std::move(line));
  }
  turn();
}

void Bridge::push_line(std::size_t stream, const std::string& line) {
  const std::string bytes = line + "\n";
  outbox_.push(stream, Line{bytes}, Arrival{world_.now, {}, true});
  outbox_.end_message();
  turn();
}

void Bridge::spill() {
  outbox_.spill();
  store_->flush(true);
}

std::uint64_t Bridge::given_up(std::size_t stream) const {
  const app::StreamStatus status = outbox_.statuses()[stream];
  std::uint64_t lines = 0;
  for (std::size_t why = 0; why < status.discarded.size(); ++why) {
    if (static_cast<app::Discarded>(why) != app::Discarded::kThrottled) {
      lines += status.discarded[why];
    }
  }
  return lines;
}

void Bridge::turn() {
  set_->turn();
  if (store_ != nullptr) store_->flush(false);
  wait();
}

// As the loop sleeps until the next turn is due.
void Bridge::wait() {
  const TimePoint due = set_->next_due();
  if (due == kNever || due >= waiting_for_) return;
  waiting_for_ = due;
  world_.at(due, [this, due, alive = alive_] {
    if (!*alive || waiting_for_ != due) return;
    waiting_for_ = kNever;
    turn();
  });
}

void NaiveRival::start() {
  if (left_) return;
  wire_ = endpoint_.accept(-1, token_, [this](const stream::Ending&) {
    world_.after(world_.between(0s, slowest_), [this] { start(); });
  });
  if (!wire_) world_.after(world_.between(1ms, slowest_ + 1ms), [this] { start(); });
}

void NaiveRival::leave() {
  left_ = true;
  if (wire_) wire_->open = false;
}

}  // namespace plotbridge::test
