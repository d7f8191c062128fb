// Concern: TLS between a client and a session, in whatever pieces its bytes come, and a certificate
// that is renewed under it.
#include "plugin/http/tls_session.h"

#include "plugin/http/tls_certificate.h"

#include "tests/http/tls_client.h"
#include "tests/support/certificates.h"
#include "tests/support/temp_dir.h"

#include <filesystem>

namespace plotbridge::http {
namespace {

using plotbridge::test::CertificateAuthority;
using plotbridge::test::TempDir;
using State = TlsSession::State;

class Tls : public ::testing::Test {
 protected:
  /// Carries bytes between the two in pieces of `size` until neither has any.
  State talk(TlsSession& session, TlsClient& client, std::size_t size = 100'000) {
    State state = State::kOpen;
    for (;;) {
      const std::string there = client.outgoing();
      for (std::size_t at = 0; at < there.size() && state == State::kOpen; at += size) {
        state = session.take(std::string_view(there).substr(at, size), said);
      }
      const std::string back = session.outgoing();
      if (there.empty() && back.empty()) return state;
      for (std::size_t at = 0; at < back.size(); at += size) {
        client.take(std::string_view(back).substr(at, size));
      }
    }
  }

  CertificateAuthority authority;
  CertificateAuthority::Pair pair = authority.issue("server", "IP:127.0.0.1");
  std::shared_ptr<TlsCertificate> certificate =
      TlsCertificate::load(pair.certificate, pair.key).value_or(nullptr);
  std::string said;
};

TEST_F(Tls, passes_both_ways_in_whatever_pieces) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{100'000}}) {
    TlsSession session(certificate->context());
    TlsClient client(authority.certificate());
    said.clear();
    EXPECT_EQ(talk(session, client, size), State::kOpen);
    ASSERT_TRUE(session.established() && client.established()) << client.failure();
    const std::string question(40'000, 'q');
    const std::string answer(100'000, 'a');
    client.say(question);
    session.put(answer);
    session.end();
    EXPECT_EQ(talk(session, client, size), State::kOpen);
    EXPECT_EQ(said, question);
    EXPECT_EQ(client.received(), answer);
    EXPECT_TRUE(client.told_of_the_end());
    client.end();
    EXPECT_EQ(talk(session, client, size), State::kEnded);
  }
}

// Each costs a thousand times as much as its bytes.
TEST_F(Tls, takes_new_keys_now_and_then_and_no_flood_of_them) {
  TlsSession session(certificate->context());
  TlsClient client(authority.certificate());
  talk(session, client);
  const std::string megabyte(1 << 20, 'q');
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 16; ++j) client.change_keys();
    client.say(megabyte);
    ASSERT_EQ(talk(session, client), State::kOpen) << session.failure();
  }
  EXPECT_EQ(said.size(), 10 * megabyte.size());
  std::size_t sent = 0;
  State state = State::kOpen;
  while (state == State::kOpen && sent++ < 1'000) {
    client.change_keys();
    state = talk(session, client);
  }
  EXPECT_EQ(state, State::kBroken);
  EXPECT_NE(session.failure().find("new keys"), std::string::npos);
  EXPECT_LT(sent, 300U);
  // In one piece.
  TlsSession other(certificate->context());
  TlsClient hostile(authority.certificate());
  talk(other, hostile);
  for (int i = 0; i < 1'000; ++i) hostile.change_keys();
  EXPECT_EQ(talk(other, hostile), State::kBroken);
}

TEST_F(Tls, answers_rubbish_with_nothing_in_the_clear) {
  TlsSession rubbish(certificate->context());
  EXPECT_EQ(rubbish.take("\x01\x02\x03\x04\x05\x06\x07\x08", said), State::kBroken);
  EXPECT_EQ(said, "");
  rubbish.put("never sent in the clear");
  EXPECT_EQ(rubbish.outgoing().find("clear"), std::string::npos);
}

TEST_F(Tls, takes_1_2_and_nothing_older) {
  for (const auto& [version, good] : {std::pair(TLS1_1_VERSION, false), {TLS1_2_VERSION, true}}) {
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                              SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);  // else the client itself would not
    SSL_CTX_set_min_proto_version(context.get(), version);
    SSL_CTX_set_max_proto_version(context.get(), version);
    std::unique_ptr<SSL, decltype(&SSL_free)> hello(SSL_new(context.get()), SSL_free);
    BIO* wire = BIO_new(BIO_s_mem());
    SSL_set_bio(hello.get(), BIO_new(BIO_s_mem()), wire);
    SSL_set_connect_state(hello.get());
    SSL_do_handshake(hello.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(wire, &data);
    TlsSession session(certificate->context());
    EXPECT_EQ(session.take({data, static_cast<std::size_t>(size)}, said),
              good ? State::kOpen : State::kBroken)
        << session.failure();
  }
}

TEST_F(Tls, says_why_a_client_does_not_trust_it) {
  const CertificateAuthority stranger;
  TlsSession session(certificate->context());
  TlsClient client(stranger.certificate());
  EXPECT_EQ(talk(session, client), State::kBroken);
  EXPECT_EQ(session.failure(), "tlsv1 alert unknown ca");
}

TEST_F(Tls, shows_a_renewed_certificate_to_the_next_client) {
  const TempDir folder;
  const auto put = [&](const std::string& from, const char* to) {
    const std::string next = folder.path("next");
    std::filesystem::copy_file(from, next, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::rename(next, folder.path(to));
  };
  const auto trusted = [&](TlsCertificate& shown, const CertificateAuthority& by) {
    TlsSession session(shown.context());
    TlsClient client(by.certificate());
    return talk(session, client) == State::kOpen && client.established();
  };
  put(pair.certificate, "c.pem");
  put(pair.key, "k.pem");
  const auto shown = TlsCertificate::load(folder.path("c.pem"), folder.path("k.pem"));
  ASSERT_TRUE(shown);
  EXPECT_TRUE(trusted(**shown, authority));

  const CertificateAuthority next_authority;
  const auto next = next_authority.issue("server", "IP:127.0.0.1");
  put(next.certificate, "c.pem");  // and the old key does not fit
  EXPECT_TRUE(trusted(**shown, authority));
  put(next.key, "k.pem");
  EXPECT_TRUE(trusted(**shown, next_authority));
  folder.write("c.pem", "rubbish");
  EXPECT_TRUE(trusted(**shown, next_authority));
  std::filesystem::remove(folder.path("c.pem"));
  EXPECT_TRUE(trusted(**shown, next_authority));
}

TEST_F(Tls, begins_with_a_whole_message_of_a_handshake_or_with_anything_else) {
  const std::string_view whole(
      "\x16\x03\x01\x00\x07\x01\x00\x00\x03"
      "abc",
      12);
  const std::string_view pieces(
      "\x16\x03\x01\x00\x02\x01\x00\x16\x03\x01\x00\x05\x00\x03"
      "abc",
      17);
  for (const std::string_view wire : {whole, pieces}) {
    for (std::size_t size = 0; size < wire.size(); ++size) {
      EXPECT_FALSE(TlsSession::can_begin(wire.substr(0, size))) << size;
    }
    EXPECT_TRUE(TlsSession::can_begin(wire));
  }
  // Nor does anybody send it in many small records: OpenSSL may judge that.
  std::string small;
  for (int i = 0; i < 4; ++i) {
    small.append("\x16\x03\x01\x00\x00", 5);
    EXPECT_FALSE(TlsSession::can_begin(small)) << i;
  }
  EXPECT_TRUE(TlsSession::can_begin(small.append("\x16\x03\x01\x00\x00", 5)));
  EXPECT_TRUE(TlsSession::can_begin("G")) << "a plain request is told where it is";
  EXPECT_TRUE(TlsSession::can_begin("\x16\x03\x01\xFF\xFF")) << "no record is so long";
}

TEST_F(Tls, says_which_file_cannot_be_used) {
  const TempDir folder;
  const std::string rubbish = folder.write("rubbish.pem", "rubbish");
  const auto other = authority.issue("other", "IP:127.0.0.1");
  EXPECT_EQ(TlsCertificate::load(rubbish, pair.key).error().message,
            rubbish + ": no certificate in PEM: no start line");
  EXPECT_EQ(
      TlsCertificate::load(pair.certificate, rubbish).error().message.substr(0, rubbish.size()),
      rubbish);
  EXPECT_EQ(TlsCertificate::load(pair.certificate, other.key).error().message,
            other.key + ": no key that fits " + pair.certificate + ": key values mismatch");
  EXPECT_EQ(TlsCertificate::load(folder.path("none"), pair.key).error().kind, ErrorKind::kInvalid);
}

}  // namespace
}  // namespace plotbridge::http
