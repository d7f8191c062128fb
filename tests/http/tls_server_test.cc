// Concern: all of the endpoint over its TLS port: the page, plots by REST, streams; and clients
// that call the wrong port.
#include "plugin/http/tls_session.h"

#include "tests/http/endpoint_server_fixture.h"
#include "tests/http/tls_client.h"
#include "tests/support/certificates.h"

namespace plotbridge::http {
namespace {

class TlsServer : public EndpointServerTest {
 protected:
  TlsServer() {
    start();
    const auto pair = authority.issue("server", "IP:127.0.0.1");
    const auto bound = server->listen_tls("127.0.0.1", 0, {pair.certificate, pair.key});
    tls_port = bound.value_or(0);
  }

  /// Shakes hands and says `text`.
  void say(RawClient& socket, TlsClient& client, std::string_view text) const {
    socket.send(client.outgoing());
    while (!client.established() && client.failure().empty()) {
      const std::string wire = socket.read_something();
      if (wire.empty()) break;
      client.take(wire);
      socket.send(client.outgoing());
    }
    ASSERT_TRUE(client.established()) << client.failure();
    client.say(text);
    socket.send(client.outgoing());
  }

  std::string ask(std::string_view text) const {
    RawClient socket(tls_port);
    TlsClient client(authority.certificate());
    say(socket, client, text);
    client.take(socket.read_to_end());
    EXPECT_TRUE(client.told_of_the_end());
    return client.received();
  }

  test::CertificateAuthority authority;
  std::uint16_t tls_port = 0;
};

TEST_F(TlsServer, shows_the_page_and_its_large_files_whole) {
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 200 "));
  const std::string request =
      "GET /plotly.js HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n";
  const std::string encrypted = ask(request);
  EXPECT_GT(encrypted.size(), 300'000U);
  EXPECT_EQ(encrypted, client().send(request).read_to_end());
}

TEST_F(TlsServer, sends_who_made_a_plot_here_to_the_plain_port_with_its_streams) {
  const std::string form =
      "un=plant&key=k&origin=plot&platform=nodejs&args=[{\"stream\":{\"token\":\"abcdefghij\"}}]"
      "&kwargs={}";
  const std::string made =
      ask("POST /clientresp HTTP/1.1\r\nHost: 127.0.0.1:8443\r\nContent-Length: " +
          std::to_string(form.size()) + "\r\n\r\n" + form);
  EXPECT_NE(made.find("\"url\":\"https://127.0.0.1:8443/"), std::string::npos) << made;
  EXPECT_NE(made.find("\"stream-host\":\"http://127.0.0.1:" + std::to_string(port) + "\""),
            std::string::npos)
      << made;
}

TEST_F(TlsServer, takes_a_stream_that_is_evicted_in_good_order) {
  RawClient socket(tls_port);
  TlsClient older(authority.certificate());
  say(socket, older,
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
      "plotly-streamtoken: abcdefghij\r\n\r\n" +
          chunk("{\"x\":1,\"y\":42}\n"));
  plots_with("\"lines\":1");
  RawClient newer = stream();
  older.take(socket.read_to_end());
  EXPECT_TRUE(older.received().starts_with("HTTP/1.1 423 ")) << older.received();
  EXPECT_TRUE(older.told_of_the_end());
}

TEST_F(TlsServer, tells_who_calls_the_wrong_port) {
  const std::string plain =
      RawClient(tls_port).send("GET / HTTP/1.1\r\nHost: h\r\n\r\n").read_to_end();
  EXPECT_NE(plain.find("https://"), std::string::npos) << plain;
  TlsClient client(authority.certificate());
  const std::string encrypted = RawClient(port).send(client.outgoing()).read_to_end();
  EXPECT_NE(encrypted.find("http://"), std::string::npos) << encrypted;
}

TEST_F(TlsServer, judges_hosts_and_origins_like_the_plain_port) {
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 403 "));
}

TEST_F(TlsServer, counts_the_memory_of_a_handshake_once_it_has_begun) {
  TlsClient client(authority.certificate());
  const std::string hello = client.outgoing();
  std::vector<RawClient> silent;
  for (int i = 0; i < 20; ++i) {
    silent.emplace_back(tls_port);
    silent.back().send(hello.substr(0, i % 2 == 0 ? 1 : hello.size() - 1));
  }
  wait_until([&] { return server->stats().unproved_bytes > 20U * 2048 + 10 * hello.size(); },
             "all are heard");
  EXPECT_LT(server->stats().unproved_bytes, 20U * 4096);
  silent.back().send(hello.substr(hello.size() - 1));
  wait_until([&] { return server->stats().unproved_bytes > 20U * 2048 + TlsSession::kBytes; },
             "a handshake is counted");
  EXPECT_LT(server->stats().unproved_bytes, 20U * 4096 + 2 * TlsSession::kBytes);
}

TEST_F(TlsServer, serves_on_beside_broken_handshakes) {
  for (const std::string_view rubbish : {"\x16\x03\x01\x00\x05hello", "\x01\x02\x03\x04\x05", ""}) {
    RawClient socket(tls_port);
    socket.send(rubbish).half_close();
    socket.read_to_end();
  }
  RawClient silent(tls_port);
  silent.send(TlsClient(authority.certificate()).outgoing().substr(0, 20));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

}  // namespace
}  // namespace plotbridge::http
