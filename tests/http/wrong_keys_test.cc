// Concern: who guesses keys is slowed down, told in the log and counted, and who has the right one
// never waits for it.
#include "plugin/http/wrong_keys.h"

#include "plugin/http/key_refusals.h"

#include "tests/http/rest_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = TimePoint(1000h);

PeerAddress peer(const std::string& address) {
  return PeerAddress::of(asio::ip::make_address(address));
}

TEST(WrongKeys, AreAnsweredAtOnceAFewTimesAndThenOnceASecond) {
  WrongKeys keys;
  for (int i = 0; i < WrongKeys::kAtOnce; ++i) {
    EXPECT_EQ(keys.answer_at(peer("192.0.2.1"), kStart), kStart) << i;
  }
  for (int second = 1; second <= 10; ++second) {
    EXPECT_EQ(keys.answer_at(peer("192.0.2.1"), kStart), kStart + second * 1s);
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(keys.answer_at(peer("192.0.2.1"), kStart), std::nullopt);
  }
  EXPECT_EQ(keys.answer_at(peer("192.0.2.2"), kStart), kStart) << "another peer";
}

TEST(WrongKeys, GetNoMoreAnswersThanOneASecondHoweverManyAreSent) {
  WrongKeys keys;
  int answers = 0;
  for (int i = 0; i < 60'000; ++i) {
    answers += keys.answer_at(peer("192.0.2.1"), kStart + i * 1ms).has_value() ? 1 : 0;
  }
  EXPECT_LE(answers, 60 + 10 + WrongKeys::kAtOnce);
}

TEST(WrongKeys, AreForgivenHoweverManyTheyWere) {
  WrongKeys keys;
  for (int i = 0; i < 100'000; ++i) keys.answer_at(peer("192.0.2.1"), kStart);
  EXPECT_EQ(keys.answer_at(peer("192.0.2.1"), kStart + 20s), kStart + 20s);
}

TEST(WrongKeys, RememberABoundedNumberOfPeers) {
  WrongKeys keys;
  PeerAddress one;
  for (std::size_t i = 0; i < 5 * WrongKeys::kMaxPeers; ++i) {
    one.bytes = {10, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                 static_cast<std::uint8_t>(i)};
    keys.answer_at(one, kStart);
  }
  EXPECT_EQ(keys.size(), WrongKeys::kMaxPeers);
}

TEST(PeerAddress, IsTheWholeNetworkOfAHost) {
  EXPECT_EQ(peer("2001:db8:1:2::1"), peer("2001:db8:1:2:ffff::9"));
  EXPECT_NE(peer("2001:db8:1:3::1"), peer("2001:db8:1:2::1"));
  EXPECT_EQ(peer("::ffff:192.0.2.1"), peer("192.0.2.1"));
  EXPECT_NE(peer("192.0.2.2"), peer("192.0.2.1"));
  EXPECT_NE(peer("2001:db8::"), peer("32.1.13.184")) << "the same bytes";
}

TEST(PeerAddress, KnowsThisMachine) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(peer(address).loopback) << address;
  }
  for (const char* address : {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"}) {
    EXPECT_FALSE(peer(address).loopback) << address;
  }
}

class GuardedEndpoint : public RestTest {
 protected:
  static constexpr const char* kWrong = "cGxhbnQ6d3Jvbmc=";  // plant:wrong
  static constexpr const char* kRight = "Authorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n";

  static std::string guess_line() {
    return "GET /v2/users/current HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " +
           std::string(kWrong) + "\r\n\r\n";
  }

  /// Sends `count` wrong keys, each on its own connection, and waits until all of them came.
  std::vector<RawClient> guess(std::size_t count) const {
    const std::uint64_t before = server->stats().wrong_keys;
    std::vector<RawClient> guessers;
    for (std::size_t i = 0; i < count; ++i) guessers.push_back(client());
    for (RawClient& guesser : guessers) guesser.send(guess_line());
    wait_until([&] { return server->stats().wrong_keys == before + count; }, "all came");
    return guessers;
  }
};

TEST_F(GuardedEndpoint, AnswersManyWrongKeysLateAndTheRightOneAtOnce) {
  start(with_user());
  const std::vector<RawClient> guessers = guess(WrongKeys::kAtOnce + 10);
  const auto unanswered = [&] {
    return std::ranges::count_if(guessers,
                                 [](const auto& guesser) { return !guesser.has_something(); });
  };
  EXPECT_EQ(v2("GET", "/v2/users/current").status, 200) << "from the same address";
  EXPECT_TRUE(has(get("/api/plots", "Host: localhost\r\n" + std::string(kRight)), " 200 "));
  const auto waiting = unanswered();
  EXPECT_GT(waiting, 0) << "who guessed is not answered when who knows the key is";
  wait_until([&] { return unanswered() < waiting; }, "one of them is answered later");
}

TEST_F(GuardedEndpoint, SlowsDownGuessesAtEveryDoor) {
  start(with_user());
  const auto began = std::chrono::steady_clock::now();
  const std::vector<RawClient> before = guess(WrongKeys::kAtOnce);
  const std::string basic = std::string("Authorization: Basic ") + kWrong + "\r\n";
  const std::string form = "un=plant&key=wrong&origin=plot&platform=x&args=[]&kwargs={}";
  std::vector<RawClient> late;
  for (const std::string& request : std::vector<std::string>{
           "GET /api/plots HTTP/1.1\r\nHost: localhost\r\n" + basic + "\r\n",
           "GET / HTTP/1.1\r\nHost: localhost\r\n" + basic + "\r\n",
           "GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n" + basic + "\r\n",
           "GET /apigetfile/plant/1 HTTP/1.1\r\nHost: localhost\r\n" + basic + "\r\n",
           "GET /v2/users/current HTTP/1.1\r\nHost: localhost\r\nplotly-username: plant\r\n"
           "plotly-apikey: wrong\r\n\r\n",
           "POST /clientresp HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
               std::to_string(form.size()) + "\r\n\r\n" + form}) {
    late.push_back(client());
    late.back().send(request);
  }
  for (auto& waiting : late) {
    const std::string answer = waiting.read_to_end();
    EXPECT_TRUE(has(answer, " 401 ") || has(answer, "Aw, snap")) << answer;
  }
  // A lower bound holds however slow the machine is: a door that were not slowed would save a
  // second.
  EXPECT_GE(std::chrono::steady_clock::now() - began, late.size() * WrongKeys::kInterval);
  EXPECT_EQ(server->stats().wrong_keys, before.size() + late.size());
  EXPECT_EQ(server->stats().late_answers, 0U);
}

TEST_F(GuardedEndpoint, CutsOffWhoIsNotEvenToBeAnsweredLate) {
  start(with_user());
  std::vector<RawClient> guessers = guess(WrongKeys::kAtOnce + 30);
  EXPECT_LE(server->stats().late_answers, 10U);
  const auto cut_off = std::ranges::count_if(guessers, [](RawClient& guesser) {
    return guesser.has_something() && guesser.read_to_end().empty();
  });
  EXPECT_GT(cut_off, 0);
  EXPECT_EQ(v2("GET", "/v2/users/current").status, 200) << "from the same address";
}

TEST_F(GuardedEndpoint, BoundsTheAnswersThatWaitHoweverManyAddressesGuess) {
  start(with_user());
  constexpr std::size_t kAddresses = KeyRefusals::kMaxWaiting / 10 * 2;  // twice of what may wait
  std::size_t most = 0;
  for (std::size_t i = 0; i < kAddresses * 20; ++i) {
    const std::string from =
        "127.1." + std::to_string(i / 20 / 200) + '.' + std::to_string(i / 20 % 200 + 1);
    RawClient(port, 0, from).send(guess_line());
    most = std::max(most, server->stats().late_answers);
  }
  wait_until([&] { return server->stats().wrong_keys == kAddresses * 20; }, "all came");
  EXPECT_LE(std::max(most, server->stats().late_answers), KeyRefusals::kMaxWaiting);
  EXPECT_EQ(v2("GET", "/v2/users/current").status, 200);
}

TEST_F(GuardedEndpoint, AsksOnLoopbackTooAndLetsStreamsBe) {
  start(with_user());
  for (const char* path : {"/", "/api/plots", "/api/plots/1", "/api/plots/1/events", "/plotly.js",
                           "/apigetfile/plant/1", "/v2/users/current"}) {
    EXPECT_TRUE(has(get(path), " 401 ")) << path;
  }
  EXPECT_EQ(server->stats().wrong_keys, 0U) << "nobody tried one";
  stream_line("abcdefghij", "{\"y\":1}");
  EXPECT_TRUE(has(get("/api/plots", "Host: localhost\r\n" + std::string(kRight)), "\"lines\":1"));
}

TEST_F(GuardedEndpoint, CountsWhatAProxyBringsWhereNobodyIsAsked) {
  start();
  for (const char* header : {"X-Forwarded-For: 198.51.100.7", "Forwarded: for=198.51.100.7",
                             "X-Real-IP: 198.51.100.7", "via: 1.1 nginx"}) {
    EXPECT_TRUE(
        has(get("/api/plots", "Host: localhost\r\n" + std::string(header) + "\r\n"), " 200 "))
        << header;
  }
  EXPECT_EQ(server->stats().forwarded, 4U);
  get("/api/plots");
  EXPECT_EQ(server->stats().forwarded, 4U);
}

TEST_F(GuardedEndpoint, CountsChangesByRest) {
  start(with_user());
  const std::string figure = R"({"filename":"p","figure":{"data":[],"layout":{}}})";
  const std::string grid = R"({"filename":"g","data":{"cols":{"a":{"data":[1],"order":0}}}})";
  using Counts = std::array<std::uint64_t, kFileChanges>;
  EXPECT_EQ(v2("POST", "/v2/plots", figure).status, 201);
  EXPECT_EQ(v2("POST", "/v2/grids", grid).status, 201);
  EXPECT_EQ(server->stats().changes, (Counts{2, 0, 0}));
  EXPECT_EQ(v2("PUT", "/v2/plots/plant:1", figure).status, 200);
  EXPECT_EQ(v2("PUT", "/v2/grids/plant:2", grid).status, 200);
  EXPECT_EQ(v2("PATCH", "/v2/plots/plant:1", R"({"world_readable":true})").status, 200);
  EXPECT_EQ(server->stats().changes, (Counts{2, 3, 0}));
  EXPECT_EQ(v2("DELETE", "/v2/plots/plant:1").status, 204);
  EXPECT_EQ(v2("DELETE", "/v2/grids/plant:2").status, 204);
  EXPECT_EQ(v1("un=plant&key=apikey1234&origin=plot&platform=x&args=[]&kwargs={}").status, 200);
  EXPECT_EQ(server->stats().changes, (Counts{3, 3, 2}));
  EXPECT_EQ(v2("POST", "/v2/plots", "{").status, 400);
  EXPECT_EQ(v2("DELETE", "/v2/plots/plant:9").status, 404);
  EXPECT_EQ(server->stats().changes, (Counts{3, 3, 2})) << "what failed changed nothing";
}

}  // namespace
}  // namespace plotbridge::http
