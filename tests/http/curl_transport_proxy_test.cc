// Concern: through a proxy the endpoint sees the same stream as without one, the proxy sees neither
// token nor request, and its own trouble is not taken for the endpoint's.
#include "tests/http/curl_transport_fixture.h"
#include "tests/support/connect_proxy.h"
#include "tests/support/tls_peer.h"

#include <cstdlib>

namespace plotbridge::http {
namespace {

using test::ConnectProxy;

class CurlTransportProxyTest : public CurlTransportTest {
 protected:
  static bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }
  stream::Ending refusal_of(const std::string& answer) {
    ConnectProxy proxy(answer);
    options_.proxy.url = proxy.url();
    client_.note([&] { client_.ending.reset(); });
    on_loop([&] { transport_->open(std::nullopt); });
    const stream::Ending ending = wait_for_ending();
    EXPECT_EQ(ending.how, How::kNoReach);
    EXPECT_EQ(ending.status, 0);
    EXPECT_FALSE(client_.connected);
    EXPECT_FALSE(peer_.has_caller());
    EXPECT_TRUE(has(ending.detail, proxy.url())) << ending.detail;
    return ending;
  }
};

TEST_F(CurlTransportProxyTest, StreamGoesThroughATunnelAndTheTokenIsNotInItsRequest) {
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  open();
  send("{\"y\":1}\n");
  const std::string heard = peer_.read_until("\r\n\r\n8\r\n{\"y\":1}\n\r\n");
  EXPECT_TRUE(heard.starts_with("POST / HTTP/1.1\r\n")) << heard;
  EXPECT_FALSE(has(heard, "Proxy-")) << heard;
  ASSERT_EQ(proxy.heads().size(), 1U);
  const std::string head = proxy.heads()[0];
  EXPECT_TRUE(head.starts_with("CONNECT 127.0.0.1:" + std::to_string(peer_.port()))) << head;
  EXPECT_FALSE(has(head, "abcdefghij")) << head;
  EXPECT_FALSE(has(head, "chunked")) << head;
  EXPECT_FALSE(has(head, "Proxy-Authorization")) << head;
  peer_.write("HTTP/1.1 423 Locked\r\nContent-Length: 4\r\n\r\nbusy");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.status, 423);
  EXPECT_EQ(ending.detail, "busy");
}

TEST_F(CurlTransportProxyTest, TunnelIsNotCountedAsArrivedLines) {
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  open();
  send("{\"y\":1}\n");
  peer_.read_until("{\"y\":1}\n\r\n");
  expect_acknowledged(static_cast<std::int64_t>(stream::chunk_wire_size(8)));
  peer_.close();
  wait_for_ending();
  EXPECT_EQ(client_.acknowledged, static_cast<std::int64_t>(stream::chunk_wire_size(8)));
}

TEST_F(CurlTransportProxyTest, OverTlsTheProxyNeverSeesTheToken) {
  const plotbridge::test::CertificateAuthority ca;
  test::TlsPeer peer({ca.issue("endpoint", "IP:127.0.0.1")});
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  options_.tls.ca = ca.certificate();
  options_.url = peer.url();
  on_loop([&] { transport_->open(std::nullopt); });
  ASSERT_TRUE(peer.accept());
  EXPECT_TRUE(has(peer.read_until("\r\n\r\n"), "abcdefghij"));
  send("{\"y\":1}\n");
  peer.read_until("{\"y\":1}\n\r\n");
  expect_acknowledged(static_cast<std::int64_t>(stream::chunk_wire_size(8)));
  EXPECT_FALSE(has(proxy.heard(), "abcdefghij"));
}

TEST_F(CurlTransportProxyTest, ProbeStopsBehindTheTunnel) {
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  on_loop([&] { transport_->probe(); });
  peer_.accept();
  EXPECT_EQ(peer_.read_to_end(), "");
  EXPECT_EQ(wait_for_ending().how, How::kReached);
}

TEST_F(CurlTransportProxyTest, ProxyThatAsksWhoItIsIsTold) {
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  options_.proxy.username = "ed@ge";
  options_.proxy.password = Secret("hun:ter2");
  open();
  EXPECT_TRUE(has(proxy.heads()[0], "Proxy-Authorization: Basic ZWRAZ2U6aHVuOnRlcjI=\r\n"))
      << proxy.heads()[0];
}

TEST_F(CurlTransportProxyTest, AnswersOfTheProxyAreNotTheEndpoints) {
  const std::string end =
      "\r\nRetry-After: 7\r\nContent-Length: 5\r\nConnection: close\r\n\r\nsorry";
  for (const char* status :
       {"403 Forbidden", "502 Bad Gateway", "503 Unavailable", "423 Locked", "301 Moved"}) {
    const stream::Ending ending = refusal_of("HTTP/1.1 " + std::string(status) + end);
    const std::string code = std::string(status).substr(0, 3);
    EXPECT_TRUE(ending.detail.ends_with(" answered " + code + " to CONNECT")) << ending.detail;
    EXPECT_EQ(ending.retry_after, std::nullopt);
  }
}

TEST_F(CurlTransportProxyTest, ProxyThatWantsAPasswordSaysSo) {
  const std::string answer =
      "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n";
  EXPECT_TRUE(
      has(refusal_of(answer).detail, "it wants a user name and password in endpoint.proxy"));
  options_.proxy.username = "edge";
  options_.proxy.password = Secret("hunter2");
  const std::string detail = refusal_of(answer).detail;
  EXPECT_TRUE(has(detail, "it does not take the user name and password")) << detail;
  EXPECT_FALSE(has(detail, "hunter2")) << detail;
}

TEST_F(CurlTransportProxyTest, ProxyThatIsNotThereIsNamed) {
  options_.proxy.url = "http://127.0.0.1:" + std::to_string(test::RawPeer().port());
  on_loop([&] { transport_->open(std::nullopt); });
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  EXPECT_TRUE(has(ending.detail, "by the proxy " + options_.proxy.url)) << ending.detail;
}

TEST_F(CurlTransportProxyTest, ProxyThatHangsOrHangsUpIsGivenUp) {
  test::RawPeer proxy;
  options_.proxy.url = "http://127.0.0.1:" + std::to_string(proxy.port());
  options_.connect_timeout = 200ms;
  on_loop([&] { transport_->open(std::nullopt); });
  proxy.accept();
  EXPECT_EQ(wait_for_ending(5s).how, How::kTimeout);
  client_.note([&] { client_.ending.reset(); });
  on_loop([&] { transport_->open(std::nullopt); });
  proxy.accept();
  proxy.close();
  EXPECT_EQ(wait_for_ending(5s).how, How::kNoReach);
}

TEST_F(CurlTransportProxyTest, EnvironmentNamesNoProxyAndNoExceptions) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("all_proxy", "http://127.0.0.1:1", 1);
  open();
  peer_.close();
  wait_for_ending();
  ::setenv("no_proxy", "*", 1);
  ConnectProxy proxy;
  options_.proxy.url = proxy.url();
  open();
  EXPECT_EQ(proxy.heads().size(), 1U);
  for (const char* name : {"http_proxy", "all_proxy", "no_proxy"}) ::unsetenv(name);
}

}  // namespace
}  // namespace plotbridge::http
