// Concern: who guesses keys is slowed down, told in the log and counted, and who has the right one
// never waits for it.
#include "plugin/http/wrong_keys.h"

#include "plugin/http/key_refusals.h"

#include "tests/http/rest_fixture.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>
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
  for (int i = 0; i < 100'000; ++i) {
    one.bytes = {10, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                 static_cast<std::uint8_t>(i)};
    keys.answer_at(one, kStart);
  }
  EXPECT_LE(keys.size(), WrongKeys::kMaxPeers);
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

  /// Sends one more wrong key than are answered at once.
  RawClient guess() const {
    for (int i = 0; i < WrongKeys::kAtOnce; ++i) {
      EXPECT_EQ(v2("GET", "/v2/users/current", "", kWrong).status, 401);
    }
    auto late = client();
    late.send("GET /v2/users/current HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " +
              std::string(kWrong) + "\r\n\r\n");
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (server->stats().wrong_keys <= WrongKeys::kAtOnce) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << server->stats().wrong_keys;
        break;
      }
      std::this_thread::yield();
    }
    return late;
  }
};

TEST_F(GuardedEndpoint, AnswersManyWrongKeysLateAndTheRightOneAtOnce) {
  start(with_user());
  auto late = guess();
  EXPECT_EQ(server->stats().late_answers, 1U);
  EXPECT_FALSE(late.has_something());
  EXPECT_EQ(v2("GET", "/v2/users/current").status, 200) << "from the same address";
  EXPECT_TRUE(has(get("/api/plots", "Host: localhost\r\n" + std::string(kRight)), " 200 "));
  EXPECT_EQ(server->stats().late_answers, 1U) << "nobody waited for the guesser";
  EXPECT_TRUE(has(late.read_to_end(), " 401 "));
  EXPECT_EQ(server->stats().wrong_keys, WrongKeys::kAtOnce + 1U);
}

TEST_F(GuardedEndpoint, SlowsDownGuessesAtEveryDoor) {
  start(with_user());
  guess().read_to_end();
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
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (server->stats().wrong_keys < WrongKeys::kAtOnce + 1U + late.size()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << server->stats().wrong_keys;
    std::this_thread::yield();
  }
  EXPECT_GE(server->stats().late_answers, late.size() - 1);
  for (auto& waiting : late) {
    const std::string answer = waiting.read_to_end();
    EXPECT_TRUE(has(answer, " 401 ") || has(answer, "Aw, snap")) << answer;
  }
  EXPECT_EQ(server->stats().late_answers, 0U);
}

TEST_F(GuardedEndpoint, CutsOffWhoIsNotEvenToBeAnsweredLate) {
  start(with_user());
  guess();
  std::vector<RawClient> late;
  const std::string request =
      "GET /v2/users/current HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " +
      std::string(kWrong) + "\r\n\r\n";
  for (int i = 0; i < 20; ++i) {
    late.push_back(client());
    late.back().send(request);
  }
  wait_until([&] { return server->stats().wrong_keys == WrongKeys::kAtOnce + 21U; }, "all came");
  EXPECT_LE(server->stats().late_answers, 10U);
  EXPECT_EQ(late.back().read_to_end(), "");
  EXPECT_EQ(v2("GET", "/v2/users/current").status, 200) << "from the same address";
}

TEST_F(GuardedEndpoint, BoundsTheAnswersThatWaitHoweverManyAddressesGuess) {
  start(with_user());
  const std::string request =
      "GET /v2/users/current HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " +
      std::string(kWrong) + "\r\n\r\n";
  constexpr std::size_t kAddresses = KeyRefusals::kMaxWaiting / 10 + 10;
  for (std::size_t i = 0; i < kAddresses * 20; ++i) {
    const std::string from =
        "127.1." + std::to_string(i / 20 / 200) + '.' + std::to_string(i / 20 % 200 + 1);
    RawClient(port, 0, from).send(request);
  }
  wait_until([&] { return server->stats().wrong_keys == kAddresses * 20; }, "all came");
  EXPECT_LE(server->stats().late_answers, KeyRefusals::kMaxWaiting);
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
