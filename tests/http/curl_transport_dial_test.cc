// Concern: a dial asks for its name anew, but many at once ask once; names that fail, hang or have
// several addresses cost only themselves.
#include "tests/http/curl_transport_fixture.h"
#include "tests/support/fake_resolver.h"

namespace plotbridge::http {
namespace {

using test::FakeResolver;

// Counts how many of its transports have connected and ended.
class CountingClient : public stream::TransportClient {
 public:
  void on_connected() override { ++connected; }
  std::size_t fill(std::span<char>) override { return 0; }
  void on_have(std::span<const OffsetRange>) override {}
  void on_ended(const stream::Ending& how_it_ended) override {
    ++ended;
    ending = how_it_ended;
  }
  int connected = 0;
  int ended = 0;
  stream::Ending ending;
};

class CurlTransportDialTest : public CurlTransportTest {
 protected:
  ~CurlTransportDialTest() override {
    FakeResolver::hold(false);
    on_loop([&] { many_.clear(); });
  }

  void dial_many(int count) {
    on_loop([&] {
      for (int i = 0; i < count; ++i) {
        many_.push_back(std::make_unique<CurlTransport>(loop_.reactor(), options_, counts_));
        many_.back()->open(std::nullopt);
      }
    });
  }
  // Turns the loop until `done` of the counts holds.
  bool wait_until(const std::function<bool(const CountingClient&)>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    bool is_done = false;
    while (!is_done && std::chrono::steady_clock::now() < deadline) {
      on_loop([&] { is_done = done(counts_); });
      std::this_thread::yield();
    }
    return is_done;
  }

  CountingClient counts_;
  std::vector<std::unique_ptr<CurlTransport>> many_;
};

TEST_F(CurlTransportDialTest, ThreeHundredDialsAtOnceLookTheNameUpOnce) {
  FakeResolver::set("one.test", {"127.0.0.1"});
  options_.url = peer_.url("http", "one.test");
  dial_many(300);
  EXPECT_TRUE(wait_until([](const CountingClient& counts) { return counts.connected == 300; }));
  EXPECT_EQ(FakeResolver::lookups("one.test"), 1);
}

TEST_F(CurlTransportDialTest, ThreeHundredDialsOfANameThatIsUnknownAskOnceAndAllHearIt) {
  FakeResolver::set("none.test", {});
  options_.url = peer_.url("http", "none.test");
  dial_many(300);
  EXPECT_TRUE(wait_until([](const CountingClient& counts) { return counts.ended == 300; }));
  EXPECT_EQ(FakeResolver::lookups("none.test"), 1);
  EXPECT_EQ(counts_.ending.how, How::kNoReach);
  EXPECT_EQ(counts_.ending.detail, "Could not resolve host: none.test");
}

TEST_F(CurlTransportDialTest, LaterDialGoesWhereTheNameLeadsByThen) {
  test::RawPeer other("::1");
  FakeResolver::set("moved.test", {"127.0.0.1"});
  options_.url = peer_.url("http", "moved.test");
  open();
  options_.url = other.url("http", "moved.test");
  FakeResolver::set("moved.test", {"::1"});
  // For up to two seconds the old answer may hold.
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!other.has_caller() && std::chrono::steady_clock::now() < deadline) {
    client_.note([&] { client_.ending.reset(); });
    on_loop([&] { transport_->open(std::nullopt); });
    ended_within(100ms);
  }
  EXPECT_TRUE(other.has_caller());
}

TEST_F(CurlTransportDialTest, DialThatGoesWhileItsNameIsLookedUpHoldsUpNobody) {
  FakeResolver::set("slow.test", {"127.0.0.1"});
  FakeResolver::hold(true);
  options_.url = peer_.url("http", "slow.test");
  dial_many(3);
  on_loop([&] { many_[0]->close(); });  // would wait for the resolver, and the loop with it
  on_loop([&] { many_[1].reset(); });
  FakeResolver::hold(false);
  EXPECT_TRUE(wait_until([](const CountingClient& counts) { return counts.connected == 1; }));
}

TEST_F(CurlTransportDialTest, NameThatIsNotAnsweredIsGivenUp) {
  FakeResolver::set("silent.test", {"127.0.0.1"});
  FakeResolver::hold(true);
  options_.url = peer_.url("http", "silent.test");
  options_.connect_timeout = 200ms;
  dial_many(2);
  EXPECT_TRUE(wait_until([](const CountingClient& counts) { return counts.ended == 2; }));
}

TEST_F(CurlTransportDialTest, DeadFirstAddressCostsLittle) {
  // Nobody listens at the first one.
  FakeResolver::set("two.test", {"::1", "127.0.0.1"});
  options_.url = peer_.url("http", "two.test");
  open();
  send("{}\n");
  peer_.read_until("{}\n\r\n");
  expect_acknowledged(static_cast<std::int64_t>(stream::chunk_wire_size(3)));
}

TEST_F(CurlTransportDialTest, Ipv6IsSpokenByAddressAndByName) {
  test::RawPeer peer("::1");
  FakeResolver::set("six.test", {"::1"});
  for (const std::string& url : {peer.url(), peer.url("http", "six.test")}) {
    options_.url = url;
    on_loop([&] { transport_->open(std::nullopt); });
    peer.accept();
    peer.read_until("\r\n\r\n");
    send("{}\n");
    peer.read_until("{}\n");
  }
}

}  // namespace
}  // namespace plotbridge::http
