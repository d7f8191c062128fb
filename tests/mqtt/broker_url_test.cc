// Concern: a broker address as people write it reaches Paho as it wants it, and a wrong one is told
// plainly.
#include "plugin/mqtt/broker_url.h"

#include <gtest/gtest.h>

namespace plotbridge::mqtt {
namespace {

std::string paho(std::string_view url) {
  const auto parsed = parse_broker_url(url);
  return parsed ? parsed->paho() : "error: " + parsed.error().message;
}

TEST(BrokerUrl, EachSchemeHasItsUsualPort) {
  EXPECT_EQ(paho("mqtt://broker"), "tcp://broker:1883");
  EXPECT_EQ(paho("mqtts://broker"), "ssl://broker:8883");
  EXPECT_EQ(paho("ws://broker"), "ws://broker:80/mqtt");
  EXPECT_EQ(paho("wss://broker"), "wss://broker:443/mqtt");
}

TEST(BrokerUrl, PortAndPathAreKept) {
  EXPECT_EQ(paho("mqtt://10.0.0.7:1884/"), "tcp://10.0.0.7:1884");
  EXPECT_EQ(paho("wss://broker.example:8443/deep/path"), "wss://broker.example:8443/deep/path");
}

TEST(BrokerUrl, AnIpv6AddressKeepsItsBrackets) {
  EXPECT_EQ(paho("mqtt://[::1]:1884"), "tcp://[::1]:1884");
  EXPECT_EQ(parse_broker_url("mqtt://[::1]")->host, "::1");
}

TEST(BrokerUrl, AWrongOneSaysWhatToDo) {
  EXPECT_EQ(paho("broker:1883"),
            "error: broker url 'broker:1883': begin it with mqtt://, mqtts://, ws:// or wss://");
  EXPECT_EQ(paho("http://broker"),
            "error: broker url 'http://broker': begin it with mqtt://, mqtts://, ws:// or wss://");
  EXPECT_EQ(paho("mqtt://:1883"), "error: broker url 'mqtt://:1883': the host is missing");
  for (const char* port : {"0", "65536", "x", "", "18 83"}) {
    const std::string url = std::string("mqtt://broker:") + port;
    EXPECT_EQ(paho(url),
              "error: broker url '" + url + "': the port must be a number from 1 to 65535");
  }
  EXPECT_EQ(paho("mqtt://broker/topic"),
            "error: broker url 'mqtt://broker/topic': only ws and wss have a path");
}

TEST(BrokerUrl, APasswordInItIsRefusedAndNotRepeated) {
  const std::string text = paho("mqtt://edge:geheim@broker");
  EXPECT_NE(text.find("broker.password"), std::string::npos) << text;
  EXPECT_EQ(text.find("geheim"), std::string::npos) << text;
}

}  // namespace
}  // namespace plotbridge::mqtt
