// Concern: no password, key or token goes unencrypted to another machine unless somebody said so.
#include "plugin/config/server_reader.h"

#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

Lines broker(const std::string& keys) {
  return mistakes_in("version: 1\nbroker: {" + keys + "}\n");
}

Lines server(const std::string& keys) {
  return mistakes_in("version: 1\nserver: {" + keys + "}\n");
}

TEST(Plaintext, to_another_broker_is_refused_with_a_password) {
  EXPECT_EQ(
      broker("url: mqtt://h, username: u, password: p"),
      Lines{"a:2:15: broker.url: mqtt:// to another machine shows the password to everybody on "
            "the way: use mqtts://, or say broker.allow_plaintext: true"});
  EXPECT_EQ(broker("url: ws://h/mqtt, username: u, password: p"),
            Lines{"a:2:15: broker.url: ws:// to another machine shows the password to everybody on "
                  "the way: use wss://, or say broker.allow_plaintext: true"});
  EXPECT_EQ(broker("url: mqtt://127.evil.example, username: u, password: p").size(), 1U);
  EXPECT_EQ(broker("url: mqtt://h, username: u, password: p, allow_plaintext: false").size(), 1U);
}

TEST(Plaintext, to_a_broker_is_no_matter_where_it_shows_nothing) {
  for (const char* keys :
       {"url: mqtt://h", "url: mqtt://h, username: u", "url: mqtts://h, username: u, password: p",
        "url: wss://h, username: u, password: p", "url: mqtt://127.0.0.1, username: u, password: p",
        "url: 'ws://[::1]:80/mqtt', username: u, password: p",
        "url: mqtt://h, username: u, password: p, allow_plaintext: true"}) {
    EXPECT_EQ(broker(keys), Lines{}) << keys;
  }
}

// Who writes `tls` takes the connection for encrypted.
TEST(Plaintext, connection_with_a_tls_block_is_a_mistake) {
  EXPECT_EQ(broker("url: mqtt://127.0.0.1, tls: {ca: /gone.pem}"),
            Lines{"a:2:38: broker.tls: mqtt:// takes no TLS: begin broker.url with mqtts:// (its "
                  "port is another), or leave `tls` out"});
  EXPECT_EQ(broker("url: ws://h, tls: {verify: false}"),
            Lines{"a:2:28: broker.tls: ws:// takes no TLS: begin broker.url with wss:// (its "
                  "port is another), or leave `tls` out"});
  EXPECT_EQ(mistakes_in("version: 1\nendpoint: {url: http://127.0.0.1, tls: {verify: false}}\n"),
            Lines{"a:2:40: endpoint.tls: http:// takes no TLS: begin endpoint.url with https://, "
                  "or leave `tls` out"});
}

TEST(Plaintext, port_that_others_reach_asks_for_no_keys) {
  const Lines refused{
      "a:2:18: server.listen: http:// to other machines shows the keys of `users` and the plots to "
      "everybody on the way: listen on 127.0.0.1 here and on that address in `tls`, or say "
      "server.allow_plaintext: true"};
  EXPECT_EQ(server("listen: 0.0.0.0:80, users: {plant: apikey}"), refused);
  EXPECT_EQ(server("listen: '[::]:80', users: {plant: apikey}"), refused);
  EXPECT_EQ(server("listen: gateway:80, users: {plant: apikey}"), refused);
  EXPECT_EQ(server("listen: 0.0.0.0:80, users: {plant: apikey}, allow_plaintext: true"), Lines{});
  EXPECT_EQ(server("listen: 0.0.0.0:80"), Lines{});
  EXPECT_EQ(server("listen: 127.0.0.1:80, users: {plant: apikey}"), Lines{});
}

TEST(Plaintext, port_beside_one_in_tls_asks_for_no_keys_either) {
  const test::TempDir folder;
  const std::string tls =
      ", users: {plant: apikey}, tls: {listen: 0.0.0.0:8443, cert: " + folder.write("c.pem", "c") +
      ", key: " + folder.write("k.pem", "k") + "}";
  EXPECT_EQ(server("listen: 127.0.0.1:80" + tls), Lines{});
  EXPECT_EQ(server("listen: 0.0.0.0:80" + tls).size(), 1U);
}

TEST(Plaintext, to_a_proxy_is_refused_with_a_password) {
  const auto endpoint = [](const std::string& keys) {
    return mistakes_in("version: 1\nendpoint: {url: https://h, " + keys + "}\n");
  };
  EXPECT_EQ(
      endpoint("proxy: 'http://u:hunter2@p:1'"),
      Lines{"a:2:35: endpoint.proxy: http:// to another machine shows the proxy's password to "
            "everybody on the way: name a proxy that wants none, or say endpoint.allow_plaintext: "
            "true"});
  EXPECT_EQ(endpoint("proxy: 'http://u:hunter2@127.0.0.1:1'"), Lines{});
  EXPECT_EQ(endpoint("proxy: 'http://u@p:1'"), Lines{});
  EXPECT_EQ(endpoint("proxy: 'http://u:hunter2@p:1', allow_plaintext: true"), Lines{});
}

TEST(Plaintext, admin_that_others_reach_is_warned_of) {
  const Loaded open = load_text("version: 1\nadmin: {listen: 0.0.0.0:9464}\n", "a");
  EXPECT_EQ(lines_of(open.mistakes), Lines{});
  ASSERT_EQ(open.warnings.size(), 1U);
  EXPECT_TRUE(
      open.warnings[0].to_string().starts_with("a:2:17: admin.listen: asks nobody for a key"))
      << open.warnings[0].to_string();
  EXPECT_EQ(lines_of(load_text("version: 1\nadmin: {listen: '[::1]:9464'}\n", "a").warnings),
            Lines{});
}

}  // namespace
}  // namespace plotbridge::config
