// Concern: whatever the other side of a REST call says, what is shown of it is one short line
// without secrets.
#include "plugin/app/peer_words.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::app {
namespace {

PeerWords peer() {
  config::Config config;
  config.streams.emplace_back().token = Secret("abcde");
  config.streams.emplace_back().token = Secret("abcdefghij");
  config.plots.emplace_back().traces.emplace_back().token = Secret("klmnopqrst");
  config.plots.back().traces.emplace_back().stream = "by name, without a token";
  config.endpoint.emplace().rest.emplace().key = Secret("apikey");
  config.endpoint->proxy.password = Secret("through");
  config.server.emplace().users.emplace_back("plant", Secret("userkey"));
  return PeerWords(config);
}

TEST(PeerWords, HideEverySecretTheLongestFirst) {
  EXPECT_EQ(peer().shown("abcdefghij abcde! klmnopqrst"), "[token] [token]! [token]");
  EXPECT_EQ(peer().shown("apikey,through,userkey"), "[key],[key],[key]");
}

TEST(PeerWords, AreCutButNeverWithinASecret) {
  EXPECT_EQ(peer().shown(std::string(1000, 'x')), std::string(200, 'x'));
  EXPECT_EQ(peer().shown(std::string(195, 'x') + "abcdefghij, and so on"),
            std::string(195, 'x') + "[token], an");
  std::string accents;
  for (int i = 0; i < 300; ++i) accents += "\xC3\xA9";
  EXPECT_EQ(peer().shown(accents), accents.substr(0, 400));
}

TEST(PeerWords, StayOnOneLineAndInUtf8) {
  EXPECT_EQ(peer().shown("a\nb\r\tc\x1b[31m\x7f"
                         "d\xC2\x85"
                         "e"),
            "a b  c [31m d e");
  EXPECT_EQ(peer().shown("caf\xC3\xA9 \xff\xC3"), "caf\xC3\xA9 \xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace plotbridge::app
