// Concern: whatever several clients send to the endpoint, cut up and mixed, slowly or never to its
// end, each is sent one well-formed answer at most, no limit of connections is passed, and in the
// end nothing is held for anybody. The server is the real one on sockets of loopback, its loop is
// turned by hand, and time passes when the input says so. An input is a byte that chooses the
// server's options, then steps: a byte for who does what, one for how much, and for some the bytes
// that are sent.
#include "plugin/base/log.h"
#include "plugin/endpoint/page_assets.h"
#include "plugin/http/endpoint_server.h"
#include "plugin/http/server_loop_context.h"

#include "tests/fuzz/http_client.h"
#include "tests/fuzz/http_requests.h"
#include "tests/fuzz/must_hold.h"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

using namespace plotbridge;
using namespace std::chrono_literals;

namespace {

TimePoint g_now{};

}  // namespace

// Time comes from the input: for the server, and for Asio, which without a timer of the system
// looks at its own timers each time that the loop is turned.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept { return g_now; }
extern "C" int timerfd_create(int, int) noexcept {
  errno = ENOSYS;
  return -1;
}
// What a turn of a stranger takes of the processor: nothing, so that an input goes the same way
// each time.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  if (clock != CLOCK_THREAD_CPUTIME_ID) {
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  }
  *time = {};
  return 0;
}

namespace {

constexpr std::size_t kClients = 6;
constexpr std::size_t kSteps = 48;
constexpr std::size_t kMostFilled = 96 * 1024;  // of bytes that the input does not have itself
constexpr std::size_t kMaxConnections = 16;
// Of an answer beside what is in it of what clients sent.
constexpr std::size_t kAnswerBytes = 64 * 1024;
constexpr std::size_t kGrows = 64;

enum Option : std::uint8_t { kUsers = 1, kOpen = 2, kKeeps = 4, kFew = 8, kGoesFirst = 16 };

/// Unpacked, as a client without gzip is sent it: its length stands at the end of what is packed.
std::size_t unpacked_bytes(std::string_view gzip) {
  std::size_t bytes = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    bytes = bytes << 8 | static_cast<unsigned char>(gzip[gzip.size() - i]);
  }
  return bytes;
}

std::size_t largest_asset() {
  static const std::size_t largest = [] {
    std::size_t most = 0;
    for (const auto& asset : endpoint::all_assets()) {
      most = std::max(most, unpacked_bytes(asset.gzip));
    }
    // The heads and ends of its chunks.
    return most + most / 1024;
  }();
  return largest;
}

endpoint::Options endpoint_options(std::uint8_t chosen) {
  endpoint::Options options;
  options.open = (chosen & kOpen) != 0;
  options.streams = {{"s", Secret("abcdefghij")}};
  endpoint::PlotOptions plot{"p", "{}", {}};
  plot.traces.push_back({"s", Secret(""), 20, "{}"});
  options.plots.push_back(std::move(plot));
  if (chosen & kUsers) {
    options.accounts = endpoint::Accounts({{"plant", Secret("apikey1234")}}, true);
  }
  if (chosen & kKeeps) options.saved.emplace();
  options.max_window_bytes = std::size_t{1} << 20;
  return options;
}

http::EndpointServer::Options server_options(std::uint8_t chosen) {
  http::EndpointServer::Options options;
  options.max_connections = kMaxConnections;
  if ((chosen & kFew) == 0) return options;
  options.max_connections = 4;
  options.max_unproved = 2;
  options.max_watchers = 1;
  options.max_bytes = 96 * 1024;
  return options;
}

std::string as_chunk(std::string_view text) {
  std::string size(8, '0');
  for (std::size_t at = 8, left = text.size(); left > 0; left /= 16) {
    size[--at] = "0123456789abcdef"[left % 16];
  }
  return size + "\r\n" + std::string(text) + "\r\n";
}

/// A server and its clients.
class Play {
 public:
  explicit Play(std::uint8_t chosen)
      : chosen_(chosen),
        limits_(server_options(chosen)),
        endpoint_(endpoint_options(chosen)),
        server_(std::make_unique<http::EndpointServer>(loop_, endpoint_, limits_)) {
    if (chosen & kKeeps) server_->on_waiting([] {});
    const auto bound = server_->listen("127.0.0.1", 0);
    must_hold(bound.has_value(), "a port is free");
    port_ = *bound;
    turn();
  }

  void step(std::string_view& rest);

  /// All come to their end: by the server's leaving, or by time, or because clients leave.
  void end() {
    if (chosen_ & kGoesFirst) {
      server_.reset();
    } else {
      // Who says nothing any more and does not read is cut off, but for pages, which wait.
      for (int i = 0; i < 8; ++i) pass(30s);
      const auto stats = server_->stats();
      must_hold(stats.connections <= stats.watchers, "silent connections come to their end");
      must_hold(stats.late_answers == 0, "no answer waits for ever");
    }
    for (auto& client : clients_) leave(client);
    if (server_) must_be_empty();
  }

 private:
  HttpClient& client(std::size_t who) {
    auto& client = clients_[who];
    // Two of them have hardly any room for what they do not read.
    if (!client) client = std::make_unique<HttpClient>(port_, who < 4 ? 0 : 2048);
    return *client;
  }

  void leave(std::unique_ptr<HttpClient>& client) {
    if (!client) return;
    const auto limits = server_ ? server_->stats().limits : decltype(http::EndpointStats::limits){};
    const auto ended = [&limits](http::ConnectionEnd why) {
      return limits[static_cast<std::size_t>(why)];
    };
    using enum http::ConnectionEnd;
    client->check(server_ && ended(kConnections) + ended(kUnproved) + ended(kMemory) == 0);
    client.reset();
  }

  void send(std::size_t who, std::string_view bytes) {
    sent_ += bytes.size();
    client(who).send(bytes);
    turn();
  }

  void fill(std::size_t who, std::size_t size, bool line) {
    size = std::min(size, kMostFilled - std::min(kMostFilled, filled_));
    filled_ += size;
    const std::string bytes(size, 'a');
    send(who, line ? as_chunk("{\"y\":\"" + bytes + "\"}\n") : bytes);
  }

  void send_lines(std::size_t who, std::size_t number) {
    std::string lines;
    for (std::size_t i = 0; i < number; ++i) lines += "{\"y\":" + std::to_string(i) + "}\n";
    send(who, as_chunk(lines));
  }

  void send_in_pieces(std::size_t who, std::string_view bytes) {
    const std::size_t length = bytes.size() / 8 + 1;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(length, bytes.size()))) {
      send(who, bytes.substr(0, length));
    }
  }

  void send_body(std::size_t who, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto which = static_cast<unsigned char>(bytes[0]) % kHeadsOfBodies.size();
    bytes.remove_prefix(1);
    send(who, std::string(kHeadsOfBodies[which]) + "Content-Length: " +
                  std::to_string(bytes.size()) + "\r\n\r\n" + std::string(bytes));
  }

  /// What the keeper of state does, on a disk that is full or not.
  void keep(bool fails) {
    if (!endpoint_.keeps()) return;
    endpoint::StateChanges changes = endpoint_.take_changes();
    while (!fails && !changes.whole) changes = endpoint_.take_changes();
    fails ? endpoint_.changes_failed() : endpoint_.changes_kept();
    server_->set_failing(fails);
    server_->kept(changes.ticket);
    turn();
  }

  void pass(Duration time) {
    g_now += time;
    ++moments_;
    turn();
  }

  void turn() {
    bool news = true;
    while (news) {
      news = loop_.context().io.poll() > 0;
      for (const auto& client : clients_) news = (client && client->read()) || news;
    }
    must_keep_to_limits();
  }

  void must_keep_to_limits() const {
    const http::EndpointStats stats = server_->stats();
    must_hold(stats.limits[static_cast<std::size_t>(http::ConnectionEnd::kFailure)] == 0,
              "nothing is thrown");
    must_hold(stats.connections <= limits_.max_connections, "connections are bounded");
    must_hold(stats.unproved_connections <= limits_.max_unproved, "strangers are bounded");
    must_hold(stats.watchers <= limits_.max_watchers, "watchers are bounded");
    must_hold(stats.streams_open <= stats.connections, "a stream has a connection");
    std::size_t heard = 0;
    for (const auto& client : clients_) heard = std::max(heard, client ? client->heard() : 0);
    must_hold(heard <= largest_asset() + kAnswerBytes + kGrows * sent_ + 4096 * moments_,
              "answers are bounded");
  }

  /// What the system has to tell of the clients' end may come a moment later.
  void must_be_empty() {
    while (server_->stats().connections > 0) {  // for ever: the fuzzer has a limit of time
      turn();
      std::this_thread::yield();
    }
    const http::EndpointStats stats = server_->stats();
    must_hold(stats.unproved_connections == 0, "no stranger is left");
    must_hold(stats.connection_bytes == 0, "nothing is held for nobody");
    must_hold(stats.unproved_bytes == 0, "nothing is held for strangers that left");
    must_hold(stats.streams_open == 0, "no stream is left");
    must_hold(stats.watchers == 0, "nobody watches any more");
    must_hold(endpoint_.streams().held() == 0, "no token is held");
  }

  std::uint8_t chosen_;
  http::EndpointServer::Options limits_;
  http::ServerLoop loop_;
  endpoint::Endpoint endpoint_;
  std::unique_ptr<http::EndpointServer> server_;
  std::uint16_t port_ = 0;
  std::array<std::unique_ptr<HttpClient>, kClients> clients_;
  std::size_t filled_ = 0;
  std::size_t sent_ = 0;
  std::size_t moments_ = 0;
};

void Play::step(std::string_view& rest) {
  const auto what = static_cast<unsigned char>(rest[0]);
  const auto size = static_cast<unsigned char>(rest[1]);
  const std::size_t who = (what >> 4) % kClients;
  rest.remove_prefix(2);
  const auto bytes = [&rest, size] {
    const std::string_view found = rest.substr(0, size);
    rest.remove_prefix(found.size());
    return found;
  };
  switch (what & 15) {
    case 0:
      return send(who, bytes());
    case 1:
      return send_in_pieces(who, bytes());
    case 2:
      return send(who, as_chunk(bytes()));
    case 3:
      return send(who, kHeads[size % kHeads.size()]);
    case 4:
      return send_body(who, bytes());
    case 5:
      return fill(who, std::size_t{128} * size, false);
    case 6:
      return fill(who, std::size_t{128} * size, true);
    case 7:
      client(who).end_input();
      return turn();
    case 8:
      leave(clients_[who]);
      return turn();
    case 9:
      client(who).stall(size % 2 == 1);
      return turn();
    case 10:
      return pass(50ms * size);
    case 11:
      return pass(1s * size);
    case 12:
      return keep(size % 4 == 3);
    case 13:
      return send_in_pieces(who, kHeads[size % kHeads.size()]);
    case 14:
      return send(who, "0\r\n\r\n");
    default:
      return send_lines(who, size % 32);
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  log::configure(log::Level::kError, log::Format::kText);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  if (rest.empty()) return 0;
  g_now = TimePoint{} + 1h;
  Play play(static_cast<std::uint8_t>(rest[0]));
  rest.remove_prefix(1);
  for (std::size_t i = 0; i < kSteps && rest.size() >= 2; ++i) play.step(rest);
  play.end();
  return 0;
}
