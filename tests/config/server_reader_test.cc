// Concern: who may show the page in a frame is said by origins, and nothing else gets into a
// header; and whoever asks for keys learns that streams need none.
#include "tests/config/loading.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

std::vector<std::string> embed(const std::string& value) {
  return good("version: 1\nserver: {embed: " + value + "}\n").server->embed;
}

TEST(ServerEmbed, takes_origins) {
  EXPECT_EQ(embed("https://portal.example.com"),
            std::vector<std::string>{"https://portal.example.com"});
  EXPECT_EQ(embed("['HTTPS://a.example:8443/', 'http://[::1]:80']"),
            (std::vector<std::string>{"https://a.example:8443", "http://[::1]:80"}));
  EXPECT_TRUE(good("version: 1\nserver: {}\n").server->embed.empty());
}

TEST(ServerEmbed, refuses_what_is_no_origin) {
  for (const char* const text :
       {"portal.example.com", "https://a.example/page", "javascript:alert(1)", "https://*",
        "\"https://a.example; script-src *\"", "\"https://a.example 'self'\"", "'*'", "ftp://a"}) {
    const Lines mistakes = mistakes_in("version: 1\nserver: {embed: " + std::string(text) + "}\n");
    ASSERT_EQ(mistakes.size(), 1U) << text;
    EXPECT_NE(mistakes[0].find("server.embed: expected an origin"), std::string::npos)
        << mistakes[0];
  }
}

TEST(ServerUsers, OnLoopbackLearnThatAnyTokenIsTaken) {
  const auto warnings = [](const std::string& keys) {
    return load_text("version: 1\nserver: {" + keys + "}\n", "a").warnings;
  };
  const auto told = warnings("users: {plant: apikey}");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].to_string().find("a:2:10: server.users: keys are asked for, but streams of any "
                                     "token are taken"),
            0U)
      << told[0].to_string();
  EXPECT_NE(told[0].message.find("server.open: false"), std::string::npos);
  EXPECT_TRUE(warnings("users: {plant: apikey}, open: false").empty());
  EXPECT_TRUE(warnings("users: {plant: apikey}, open: true").empty());
  EXPECT_TRUE(warnings("users: {plant: apikey}, listen: 0.0.0.0:1, allow_plaintext: true").empty());
  EXPECT_TRUE(warnings("listen: 127.0.0.1:1").empty());
}

TEST(ServerUsers, HaveNamesThatCanLogIn) {
  for (const char* const name : {"'pl:ant'", "''"}) {
    const Lines mistakes =
        mistakes_in("version: 1\nserver: {users: {" + std::string(name) + ": apikey}}\n");
    ASSERT_EQ(mistakes.size(), 1U) << name;
    EXPECT_NE(mistakes[0].find("nobody can log in by this name"), std::string::npos) << mistakes[0];
  }
}

}  // namespace
}  // namespace plotbridge::config
