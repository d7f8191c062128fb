// Concern: what a URL or HOST:PORT leads to is taken apart rightly, and what holds a password is
// not repeated.
#include "plugin/config/address.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

TEST(Url, comes_apart) {
  const Url url = parse_url("WSS://broker.example.com:8084/mqtt?x=1").value();
  EXPECT_EQ(url.scheme, "wss");
  EXPECT_EQ(url.host, "broker.example.com");
  EXPECT_EQ(url.port, 8084);
  EXPECT_EQ(url.path, "/mqtt?x=1");
}

TEST(Url, needs_no_port_and_no_path) {
  const Url url = parse_url("mqtt://[::1]").value();
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, std::nullopt);
  EXPECT_EQ(url.path, "");
}

TEST(Url, that_leads_nowhere_is_refused) {
  for (const char* text :
       {"", "localhost:1883", "://x", "mqtt://", "mqtt://:1883", "mqtt://h:0", "mqtt://h:65536",
        "mqtt://h:", "mqtt://h:x", "mqtt://::1", "mqtt://[::1", "mqtt://[h]:1", "mqtt://a b",
        "mqtt://[::1]x", "mqtt://h\n", "mqtt://h\xC3\xA9"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, with_a_password_is_refused_without_repeating_it) {
  const auto url = parse_url("mqtt://edge:hunter2@broker");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().message, "a user name or password does not belong in the URL");
}

TEST(Listen, takes_names_addresses_and_port_zero) {
  EXPECT_EQ(parse_listen("127.0.0.1:8088").value(), (Listen{"127.0.0.1", 8088}));
  EXPECT_EQ(parse_listen("[::]:80").value(), (Listen{"::", 80}));
  EXPECT_EQ(parse_listen("localhost:0").value(), (Listen{"localhost", 0}));
}

TEST(Listen, without_host_or_port_is_refused) {
  for (const char* text : {"", "8088", ":8088", "127.0.0.1", "::1:80", "h:70000", "*:80"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

TEST(Loopback, is_only_what_can_be_no_other_machine) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const char* host :
       {"", "0.0.0.0", "::", "127.evil.example", "127.0.0.1.example.com", "localhost.example.com",
        "10.0.0.1", "127.256.0.1", "127.0.0.0.1", "127...", "127.0.0.1.", "127.1"}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace plotbridge::config
