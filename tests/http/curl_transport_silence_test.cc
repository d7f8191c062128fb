// Concern: a peer that vanished without a packet is noticed within 21 s and told as silence, never
// as a close: that would make another client of the token out of a pulled cable.
#include "tests/http/curl_transport_fixture.h"
#include "tests/support/tls_peer.h"

namespace plotbridge::http {
namespace {

class CurlTransportSilenceTest : public CurlTransportTest {};

// All three at once, because each takes 15 to 20 s.
TEST_F(CurlTransportSilenceTest, PeerThatVanishedIsNoticedIdleAndWithDataOnTheWay) {
  // With data on the way, plain.
  test::RawPeer busy_peer;
  CurlTransportOptions busy_options = options_;
  busy_options.url = busy_peer.url();
  RecordingClient busy;
  auto busy_transport = std::make_unique<CurlTransport>(loop_.reactor(), busy_options, busy);
  busy.transport = busy_transport.get();
  on_loop([&] { busy_transport->open(std::nullopt); });
  busy_peer.accept();
  busy_peer.read_until("\r\n\r\n");

  // With data on the way, under TLS.
  const plotbridge::test::CertificateAuthority ca;
  test::TlsPeer tls_peer({ca.issue("endpoint", "IP:127.0.0.1")});
  CurlTransportOptions tls_options = options_;
  tls_options.url = tls_peer.url();
  tls_options.tls.ca = ca.certificate();
  RecordingClient tls;
  auto tls_transport = std::make_unique<CurlTransport>(loop_.reactor(), tls_options, tls);
  tls.transport = tls_transport.get();
  on_loop([&] { tls_transport->open(std::nullopt); });
  ASSERT_TRUE(tls_peer.accept());
  tls_peer.read_until("\r\n\r\n");

  open();  // idle
  const auto start = std::chrono::steady_clock::now();
  peer_.vanish();
  busy_peer.vanish();
  tls_peer.raw().vanish();
  busy.note([&] { busy.to_send = "{\"y\":1}\n"; });
  tls.note([&] { tls.to_send = "{\"y\":1}\n"; });
  on_loop([&] {
    busy_transport->resume();
    tls_transport->resume();
  });

  const auto expect_timeout = [&](RecordingClient& client, const char* which) {
    std::unique_lock lock(client.mutex);
    EXPECT_TRUE(client.changed.wait_for(lock, 25s, [&] { return client.ending.has_value(); }))
        << which;
    if (!client.ending) return;
    EXPECT_EQ(client.ending->how, How::kTimeout) << which << ": " << client.ending->detail;
    EXPECT_LE(client.acknowledged, 0) << which;
  };
  expect_timeout(client_, "idle");
  expect_timeout(busy, "busy");
  expect_timeout(tls, "TLS");
  EXPECT_LE(std::chrono::steady_clock::now() - start, 21s);
  on_loop([&] {
    busy_transport.reset();
    tls_transport.reset();
  });
}

}  // namespace
}  // namespace plotbridge::http
