// Concern: how the endpoint is reached can be said (certificates, a proxy), and what would show the
// tokens to others is refused.
#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace plotbridge::config {
namespace {

Lines mistakes_of_endpoint(const std::string& keys) {
  return mistakes_in("version: 1\nendpoint: {" + keys + "}\n");
}

Endpoint endpoint(const std::string& keys) {
  return good("version: 1\nendpoint: {" + keys + "}\n").endpoint.value();
}

TEST(EndpointTls, takes_every_file_and_verifies_unless_told_not_to) {
  const test::TempDir folder;
  folder.write("ca.pem", "ca");
  folder.write("c.pem", "c");
  ::chmod(folder.write("k.pem", "k").c_str(), 0600);
  const auto load = [&](const std::string& tls) {
    return good("version: 1\nendpoint: {url: https://h, tls: " + tls + "}\n", folder.path("a"))
        .endpoint->tls;
  };
  EXPECT_TRUE(load("{ca: ca.pem}").verify);
  const Tls tls = load("{ca: ca.pem, cert: c.pem, key: k.pem, verify: false}");
  EXPECT_EQ(tls.ca, folder.path("ca.pem"));
  EXPECT_EQ(tls.certificate, folder.path("c.pem"));
  EXPECT_EQ(tls.key, folder.path("k.pem"));
  EXPECT_FALSE(tls.verify);
}

TEST(EndpointTls, keeps_its_key_to_itself_also_inside_the_certificate) {
  const test::TempDir folder;
  ::chmod(folder.write("c.pem", "c").c_str(), 0644);
  ::chmod(folder.write("k.pem", "k").c_str(), 0662);
  const auto told = [&](const std::string& tls) {
    return lines_of(
        load_text("version: 1\nendpoint: {url: https://h, tls: " + tls + "}\n", folder.path("a"))
            .mistakes);
  };
  EXPECT_EQ(told("{cert: c.pem, key: k.pem}").size(), 1U) << "the key";
  EXPECT_EQ(told("{cert: c.pem}").size(), 1U) << "the key is in there";
  ::chmod(folder.path("k.pem").c_str(), 0600);
  EXPECT_EQ(told("{cert: c.pem, key: k.pem}"), Lines{});
}

TEST(EndpointTls, whose_file_is_not_there_is_told) {
  EXPECT_EQ(mistakes_of_endpoint("url: https://h, tls: {ca: /gone.pem}"),
            Lines{"a:2:38: endpoint.tls.ca: cannot read /gone.pem: No such file or directory"});
}

TEST(EndpointProxy, is_kept_apart_from_its_password) {
  const Proxy plain = endpoint("url: https://h, proxy: HTTP://proxy:3128/").proxy;
  EXPECT_EQ(plain.url, "http://proxy:3128");
  EXPECT_EQ(plain.username, "");
  const Proxy known =
      endpoint("url: https://h, proxy: 'http://ed%40ge:hun@ter%3a2@[::1]:8080'").proxy;
  EXPECT_EQ(known.url, "http://[::1]:8080");
  EXPECT_EQ(known.username, "ed@ge");
  EXPECT_TRUE(known.password.equals("hun@ter:2"));
}

TEST(EndpointProxy, of_another_kind_is_refused) {
  const std::string kind =
      "a:2:40: endpoint.proxy: only an HTTP proxy that is asked to CONNECT is spoken to: "
      "http://HOST:PORT";
  for (const char* scheme : {"https", "socks5", "socks5h", "ftp"}) {
    EXPECT_EQ(mistakes_of_endpoint("url: https://h:8443, proxy: '" + std::string(scheme) +
                                   "://hunter2:hunter2@p:1'"),
              Lines{kind})
        << scheme;
  }
}

TEST(EndpointProxy, that_cannot_be_one_is_told_without_its_password) {
  for (const char* proxy :
       {"proxy:3128", "http://", "http://proxy", "http://proxy:0", "http://proxy:1/path",
        "http://hunter2@", "http://:hunter2@proxy:1", "http://u:hunter2%4@proxy:1",
        "http://u:hunter2%0a@proxy:1", "http://u%3au:hunter2@proxy:1", "hunter2@proxy:1"}) {
    const Lines lines = mistakes_of_endpoint("url: https://h, proxy: '" + std::string(proxy) + "'");
    ASSERT_EQ(lines.size(), 1U) << proxy;
    EXPECT_TRUE(lines[0].starts_with("a:2:35: endpoint.proxy: ")) << lines[0];
    EXPECT_EQ(lines[0].find("hunter2"), std::string::npos) << lines[0];
  }
}

TEST(EndpointProxy, on_another_machine_hears_no_plaintext_unless_allowed) {
  const std::string risk =
      " shows the tokens to everybody on the way: use https://, or say endpoint.allow_plaintext: "
      "true";
  EXPECT_EQ(mistakes_of_endpoint("url: http://127.0.0.1, proxy: http://p:1"),
            Lines{"a:2:17: endpoint.url: http:// through a proxy on another machine" + risk});
  EXPECT_EQ(mistakes_of_endpoint("url: http://h, proxy: http://127.0.0.1:1"),
            Lines{"a:2:17: endpoint.url: http:// to another machine" + risk});
  endpoint("url: http://localhost, proxy: http://127.0.0.1:1");
  endpoint("url: http://h, proxy: http://p:1, allow_plaintext: true");
}

TEST(EndpointUrl, may_be_an_ipv6_address) {
  EXPECT_EQ(endpoint("url: 'https://[2001:db8::1]:8443'").url, "https://[2001:db8::1]:8443");
  EXPECT_EQ(endpoint("url: 'http://[::1]:8088/'").url, "http://[::1]:8088");
  EXPECT_EQ(mistakes_of_endpoint("url: 'http://[::2]'").size(), 1U);
}

}  // namespace
}  // namespace plotbridge::config
