// Concern: over TLS only the right endpoint gets to see a request, a wrong one is told with the
// exact reason, and what arrived is known as well as without TLS.
#include "tests/http/curl_transport_fixture.h"
#include "tests/support/fake_resolver.h"
#include "tests/support/tls_peer.h"

namespace plotbridge::http {
namespace {

using plotbridge::test::CertificateAuthority;
using test::TlsPeer;
using Fault = CertificateAuthority::Fault;

class CurlTransportTlsTest : public CurlTransportTest {
 protected:
  static void SetUpTestSuite() {
    ca_ = new CertificateAuthority;
    good_ = ca_->issue("endpoint", "IP:127.0.0.1,DNS:endpoint.test");
  }
  static void TearDownTestSuite() {
    delete ca_;
    ca_ = nullptr;
  }

  CurlTransportTlsTest() { options_.tls.ca = ca_->certificate(); }

  void open(TlsPeer& peer) {
    options_.url = peer.url();
    on_loop([&] { transport_->open(std::nullopt); });
    ASSERT_TRUE(peer.accept());
    peer.read_until("\r\n\r\n");
  }

  // Dials a peer that must not be spoken to; what the ending says.
  std::string refusal(const test::TlsPeerOptions& options, std::string_view host = "127.0.0.1") {
    TlsPeer peer(options);
    options_.url = peer.url(host);
    client_.note([&] { client_.ending.reset(); });
    on_loop([&] { transport_->open(std::nullopt); });
    // In TLS 1.3 a server may take its handshake for good before the client's refusal is read.
    const std::string heard = peer.accept() ? peer.read_to_end() : "";
    EXPECT_EQ(heard, "");
    const stream::Ending ending = wait_for_ending();
    EXPECT_EQ(ending.how, How::kNoReach);
    EXPECT_FALSE(client_.connected);
    return ending.detail;
  }
  std::string refusal_of(const std::string& name, const std::string& alternative_name,
                         const Fault& fault, std::string_view host = "127.0.0.1") {
    return refusal({ca_->issue(name, alternative_name, fault)}, host);
  }

  static CertificateAuthority* ca_;
  static CertificateAuthority::Pair good_;
};
CertificateAuthority* CurlTransportTlsTest::ca_ = nullptr;
CertificateAuthority::Pair CurlTransportTlsTest::good_;

void expect_has(const std::string& text, std::string_view part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(CurlTransportTlsTest, RightEndpointGetsTheStream) {
  TlsPeer peer({good_});
  open(peer);
  send("{\"y\":1}\n");
  peer.read_until("\r\n\r\n8\r\n{\"y\":1}\n\r\n");
  peer.write("HTTP/1.1 423 Locked\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending().status, 423);
}

TEST_F(CurlTransportTlsTest, EndpointIsKnownByItsName) {
  test::FakeResolver::set("endpoint.test", {"127.0.0.1"});
  TlsPeer peer({good_});
  options_.url = peer.url("endpoint.test");
  on_loop([&] { transport_->open(std::nullopt); });
  EXPECT_TRUE(peer.accept());
  peer.read_until("\r\n\r\n");
}

TEST_F(CurlTransportTlsTest, CertificateThatHasExpiredIsRefused) {
  expect_has(refusal_of("old", "IP:127.0.0.1", {.from_day = -10}), "certificate has expired");
}

TEST_F(CurlTransportTlsTest, CertificateOfTheFutureIsRefused) {
  expect_has(refusal_of("new", "IP:127.0.0.1", {.from_day = 10}), "not yet valid");
}

TEST_F(CurlTransportTlsTest, CertificateThatNobodySignedIsRefused) {
  expect_has(refusal_of("self", "IP:127.0.0.1", {.self_signed = true}), "self-signed certificate");
}

TEST_F(CurlTransportTlsTest, CertificateOfAnotherAuthorityIsRefused) {
  const CertificateAuthority other;
  expect_has(refusal({other.issue("endpoint", "IP:127.0.0.1")}),
             "unable to get local issuer certificate");
  // Nor is it one that the system trusts.
  options_.tls.ca.clear();
  expect_has(refusal({good_}), "unable to get local issuer certificate");
}

TEST_F(CurlTransportTlsTest, CertificateOfAnotherHostIsRefused) {
  test::FakeResolver::set("elsewhere.test", {"127.0.0.1"});
  expect_has(refusal({good_}, "elsewhere.test"),
             "no alternative certificate subject name matches target host name 'elsewhere.test'");
}

TEST_F(CurlTransportTlsTest, CertificateWithoutTheAddressIsRefused) {
  expect_has(refusal_of("wrong-ip", "IP:127.0.0.9", {}),
             "no alternative certificate subject name matches target host name '127.0.0.1'");
  expect_has(refusal_of("127.0.0.1-none", "", {}), "does not match target host name '127.0.0.1'");
}

TEST_F(CurlTransportTlsTest, CertificateThatIsNotForServersIsRefused) {
  expect_has(refusal_of("client", "IP:127.0.0.1", {.extensions = "extendedKeyUsage=clientAuth\n"}),
             "unsuitable certificate purpose");
}

TEST_F(CurlTransportTlsTest, WeakKeyIsRefused) {
  expect_has(refusal_of("weak", "IP:127.0.0.1", {.rsa_bits = 1024}), "certificate key too weak");
}

TEST_F(CurlTransportTlsTest, OldTlsIsRefused) {
  expect_has(refusal({good_, 0x0302}), "protocol version");
}

TEST_F(CurlTransportTlsTest, EndpointThatWantsACertificateSaysSo) {
  expect_has(refusal({good_, 0x0303, ca_->certificate()}), "endpoint.tls.cert");
}

// Its client has sent its head by the time it is told: to the right endpoint, which was verified.
TEST_F(CurlTransportTlsTest, EndpointOfTls13ThatWantsACertificateSaysSo) {
  TlsPeer peer({good_, 0, ca_->certificate()});
  options_.url = peer.url();
  on_loop([&] { transport_->open(std::nullopt); });
  EXPECT_FALSE(peer.accept());
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  expect_has(ending.detail, "certificate required");
  expect_has(ending.detail, "endpoint.tls.cert");
}

TEST_F(CurlTransportTlsTest, EndpointThatWantsACertificateGetsIt) {
  const auto own = ca_->issue("gateway", "DNS:gateway");
  options_.tls.certificate = own.certificate;
  options_.tls.key = own.key;
  for (const int version : {0, 0x0303}) {
    TlsPeer peer({good_, version, ca_->certificate()});
    open(peer);
  }
}

TEST_F(CurlTransportTlsTest, WithoutVerificationAnyEndpointIsTaken) {
  options_.tls.verify = false;
  TlsPeer peer({ca_->issue("self", "DNS:x", {.self_signed = true})});
  open(peer);
}

TEST_F(CurlTransportTlsTest, CertificatesAreReadAtEveryDial) {
  const CertificateAuthority other;
  const plotbridge::test::TempDir folder;
  const auto copy = [&](const std::string& from) {
    std::filesystem::copy_file(from, folder.path("ca.pem"),
                               std::filesystem::copy_options::overwrite_existing);
  };
  copy(other.certificate());
  options_.tls.ca = folder.path("ca.pem");
  expect_has(refusal({good_}), "unable to get local issuer certificate");
  copy(ca_->certificate());
  TlsPeer peer({good_});
  open(peer);
}

TEST_F(CurlTransportTlsTest, FileThatIsNotThereIsNamed) {
  options_.tls.ca = "/no/such/ca.pem";
  options_.url = peer_.url("https");
  on_loop([&] { transport_->open(std::nullopt); });
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  expect_has(ending.detail, "/no/such/ca.pem");
}

TEST_F(CurlTransportTlsTest, HandshakeThatHangsIsGivenUp) {
  options_.url = peer_.url("https");
  options_.connect_timeout = 200ms;
  on_loop([&] { transport_->open(std::nullopt); });
  peer_.accept();
  EXPECT_EQ(wait_for_ending(5s).how, How::kTimeout);
  EXPECT_FALSE(client_.connected);
}

TEST_F(CurlTransportTlsTest, PlainPortIsTold) {
  options_.url = peer_.url("https");
  on_loop([&] { transport_->open(std::nullopt); });
  peer_.accept();
  peer_.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  expect_has(ending.detail, "wrong version number");
}

TEST_F(CurlTransportTlsTest, CloseIsNoticedWithAndWithoutTheEndThatTlsWants) {
  TlsPeer polite({good_});
  open(polite);
  polite.close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
  client_.note([&] { client_.ending.reset(); });
  TlsPeer rash({good_});
  open(rash);
  rash.raw().close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
}

TEST_F(CurlTransportTlsTest, ResetIsNoticed) {
  TlsPeer peer({good_});
  open(peer);
  peer.raw().reset();
  EXPECT_EQ(wait_for_ending(2s).how, How::kReset);
}

TEST_F(CurlTransportTlsTest, ProbeShakesHandsAndSendsNothing) {
  TlsPeer peer({good_});
  options_.url = peer.url();
  on_loop([&] { transport_->probe(); });
  EXPECT_TRUE(peer.accept());
  EXPECT_EQ(peer.read_to_end(), "");
  EXPECT_EQ(wait_for_ending().how, How::kReached);
  EXPECT_FALSE(client_.connected);
}

TEST_F(CurlTransportTlsTest, QuietStreamHasNothingUnacknowledged) {
  TlsPeer peer({good_});
  open(peer);
  std::int64_t sent = 0;
  for (const std::size_t size : {8UL, 1UL, 3000UL, 16000UL, 8UL}) {
    const std::string line = std::string(size - 1, 'x') + '\n';
    send(line);
    peer.read_until(line);
    sent += static_cast<std::int64_t>(stream::chunk_wire_size(size));
    expect_acknowledged(sent);
  }
  peer.close();
  wait_for_ending();
  EXPECT_EQ(client_.acknowledged, sent);
}

TEST_F(CurlTransportTlsTest, WhatAPeerDidNotTakeBeforeItsResetIsToldAsUnacknowledged) {
  TlsPeer peer({good_}, 128 * 1024);
  open(peer);
  fill_up();
  const std::int64_t on_the_wire = peer.raw().bytes_received();
  peer.raw().reset();
  EXPECT_EQ(wait_for_ending().how, How::kReset);
  EXPECT_LT(client_.acknowledged, client_.chunk_bytes);
  // Never more than the peer has; less only by the chunk that came in part, and by what is not ours
  // (handshake, records and head).
  EXPECT_LE(client_.acknowledged, on_the_wire);
  EXPECT_GE(client_.acknowledged, on_the_wire - 16 * 1024 - 4 * 1024);
}

}  // namespace
}  // namespace plotbridge::http
