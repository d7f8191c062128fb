#include "plugin/app/streamer.h"

#include "plugin/app/version.h"
#include "plugin/base/clock.h"
#include "plugin/base/log.h"

#include <algorithm>
#include <random>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// Below this rate a line wakes the loop and goes at once; above it the loop looks on a tick of its
// own, because a wake-up a message costs more than the message.
constexpr double kWakeableBelow = 4'000;  // lines a second
constexpr double kSlowTickAbove = 30'000;
constexpr Duration kTick = 2ms;
constexpr Duration kSlowTick = 10ms;
constexpr Duration kLogInterval = 10s;
// How much later than it happened the spool learns what has arrived: lines that a crash makes go
// again, where the endpoint does not know them.
constexpr Duration kFlushInterval = 100ms;

struct LossText {
  std::string_view why;
  std::string_view advice;
};
LossText text_of(Discarded why) {
  switch (why) {
    case Discarded::kTooLarge:
      return {"the line is larger than 1 MiB", "let the route's point write less"};
    case Discarded::kSpoolFull:
      return {"the spool is full",
              "see why the endpoint does not take lines, or raise spool.capacity"};
    case Discarded::kSpoolFailed:
      return {"the spool's disk does not take them", "make room on the disk of spool.directory"};
    case Discarded::kQueueFull:
    case Discarded::kThrottled:
    case Discarded::kBadData:
    case Discarded::kShutdown:
    case Discarded::kExpired:
    case Discarded::kBacklog:
      break;
  }
  return {"the queue, or the memory of all queues, is full",
          "see why the endpoint does not take them, raise queue.capacity or memory, or give them a "
          "spool"};
}

std::vector<http::CurlTransportOptions> transport_options(
    const Streamer::Options& shared, const std::vector<config::Stream>& streams) {
  const std::string user_agent = "plotbridge/" + std::string(version());
  std::vector<http::CurlTransportOptions> options;
  options.reserve(streams.size());
  for (const config::Stream& stream : streams) {
    options.push_back({shared.endpoint_url, user_agent, stream.token, shared.tls, shared.proxy,
                       shared.producer, shared.epoch});
  }
  return options;
}

std::vector<std::string> names_of(const std::vector<config::Stream>& streams) {
  std::vector<std::string> names;
  names.reserve(streams.size());
  for (const config::Stream& stream : streams) names.push_back(stream.name);
  return names;
}

Delivery asking(Delivery delivery, EndpointInquiry& inquiry) {
  delivery.ask = [&inquiry] { inquiry.ask(); };
  delivery.ask_what_it_has = [&inquiry](std::size_t stream) { inquiry.ask(stream); };
  return delivery;
}

EndpointInquiry::Options inquiry_of(const Streamer::Options& options,
                                    const std::vector<config::Stream>& streams) {
  EndpointInquiry::Options inquiry;
  inquiry.call.url = options.endpoint_url;
  inquiry.call.tls = options.tls;
  inquiry.call.proxy = options.proxy;
  inquiry.producer = options.producer;
  for (const config::Stream& stream : streams) inquiry.tokens.push_back(stream.token);
  return inquiry;
}

}  // namespace

Streamer::Streamer(Options options, const std::vector<config::Stream>& streams)
    : store_(options.outbox.store),
      store_worker_([this](TimePoint now) { return work_on_store(now); }),
      outbox_(streams, with_callbacks(options.outbox)),
      transports_(transport_options(options, streams)),
      inquiry_(inquiry_of(options, streams), [this] { loop_.wake(); }),
      set_({outbox_, std::mt19937_64(std::random_device{}()), stream::Origin(streams.size()),
            options.connection, steady_now,
            [this](std::size_t stream, stream::TransportClient& client) {
              return std::make_unique<http::CurlTransport>(loop_.reactor(), transports_[stream],
                                                           client);
            },
            std::move(options.put_aside), std::move(options.plot_lost),
            asking(std::move(options.delivery), inquiry_)},
           names_of(streams)),
      last_turn_(steady_now()),
      next_flush_(last_turn_),
      on_acks_known_(std::move(options.on_acks_known)),
      loss_log_(kLogInterval) {}

OutboxOptions Streamer::with_callbacks(OutboxOptions options) {
  options.on_lines = [this](std::size_t lines) {
    pushed_.fetch_add(lines, std::memory_order_relaxed);
    loop_.wake();
  };
  if (options.store != nullptr) options.on_store_work = [this] { store_worker_.wake(); };
  return options;
}

Streamer::~Streamer() {
  if (thread_.joinable()) drain(0s);
}

void Streamer::start() {
  if (store_ != nullptr) store_worker_.start();
  thread_ = std::thread([this] {
    set_.open();
    loop_.run([this](TimePoint now) { return turn(now); });
    set_.abandon();
  });
}

void Streamer::retry() {
  retry_wanted_ = true;
  loop_.wake();
}

void Streamer::retry(std::size_t stream) {
  {
    const std::lock_guard lock(retry_mutex_);
    retry_streams_.push_back(stream);
  }
  loop_.wake();
}

void Streamer::push(std::size_t stream, const Line& line, const Arrival& arrival) {
  outbox_.push(stream, line, arrival);
}

void Streamer::end_message() {
  for (const Outbox::Loss& loss : outbox_.end_message()) report_loss(loss, steady_now());
}

void Streamer::report_loss(const Outbox::Loss& loss, TimePoint now) {
  const std::string& name = set_.name(loss.stream);
  const auto suppressed = loss_log_.admit(name, now);
  if (!suppressed) return;
  const LossText text = text_of(loss.why);
  log::warning(
      "lines dropped",
      {{"stream", name}, {"why", text.why}, {"hint", text.advice}, {"suppressed", *suppressed}});
}

Outbox::Leftover Streamer::drain(Duration timeout) {
  drain_wanted_ = true;
  loop_.wake();
  {
    std::unique_lock lock(idle_mutex_);
    idle_changed_.wait_for(lock, timeout, [this] { return all_idle_; });
  }
  loop_.stop();
  thread_.join();
  store_worker_.stop();
  const Outbox::Leftover rest = outbox_.spill();
  if (store_ != nullptr) store_->flush(true);
  return rest;
}

// The time of the next flush.
TimePoint Streamer::work_on_store(TimePoint now) {
  if (outbox_.do_store_work(now)) loop_.wake();
  if (now >= next_flush_) {
    store_->flush();
    next_flush_ = now + kFlushInterval;
  }
  return next_flush_;
}

http::CurlLoop::Rest Streamer::turn(TimePoint now) {
  if (retry_wanted_.exchange(false)) set_.retry();
  {
    const std::lock_guard lock(retry_mutex_);
    for (const std::size_t stream : std::exchange(retry_streams_, {})) set_.retry(stream);
  }
  if (drain_wanted_ && !draining_) {
    draining_ = true;
    set_.drain();
  }
  note_answers();
  const std::size_t busy_streams = set_.turn();
  if (draining_ && set_.all_idle()) {
    const std::lock_guard lock(idle_mutex_);
    all_idle_ = true;
    idle_changed_.notify_all();
  }
  return rest_after(busy_streams, now);
}

void Streamer::note_answers() {
  for (const EndpointInquiry::Answer& answer : inquiry_.take_answers()) {
    const bool is_news = set_.endpoint_answered(answer.acknowledges);
    const bool acknowledges = answer.acknowledges == stream::AckSupport::Answer::kYes;
    if (is_news && on_acks_known_) on_acks_known_(acknowledges);
    if (acknowledges && answer.stream) set_.endpoint_has(*answer.stream, answer.has);
  }
}

http::CurlLoop::Rest Streamer::rest_after(std::size_t busy_streams, TimePoint now) {
  const std::uint64_t pushed = pushed_.load(std::memory_order_relaxed);
  const double seconds = std::max(1e-6, std::chrono::duration<double>(now - last_turn_).count());
  const double rate = static_cast<double>(pushed - seen_) / seconds;
  http::CurlLoop::Rest rest;
  rest.until = set_.next_due();
  if (busy_streams > 0 && seconds >= 1e-4) {
    if (rate > kWakeableBelow) {
      rest.wakeable = false;
      rest.until = std::min(rest.until, now + (rate > kSlowTickAbove ? kSlowTick : kTick));
    }
    seen_ = pushed;
    last_turn_ = now;
  }
  return rest;
}

}  // namespace plotbridge::app
