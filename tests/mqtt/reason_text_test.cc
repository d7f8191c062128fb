// Concern: a reason code of a broker becomes a sentence that tells a person what to do.
#include "plugin/mqtt/reason_text.h"

#include <gtest/gtest.h>

namespace plotbridge::mqtt {
namespace {

TEST(ReasonText, TheTwoVersionsNumberARefusedConnectionDifferently) {
  const std::string expected =
      "the broker refused the connection: the user name or the password is wrong; check "
      "broker.username and broker.password";
  EXPECT_EQ(connack_text(311, 4, "gateway-7"), expected);
  EXPECT_EQ(connack_text(5, 0x86, "gateway-7"), expected);
}

TEST(ReasonText, AWrongMqttVersionNamesTheOther) {
  EXPECT_NE(connack_text(311, 1, "").find("mqtt_version: 5"), std::string::npos);
  EXPECT_NE(connack_text(5, 0x84, "").find("mqtt_version: 3.1.1"), std::string::npos);
}

TEST(ReasonText, ATakeoverNamesTheClientId) {
  EXPECT_EQ(disconnect_text(0x8e, "gateway-7"),
            "the broker ended the connection: another client uses the same client id 'gateway-7' "
            "and took the session over; give each client a broker.client_id of its own");
}

TEST(ReasonText, ARefusedSubscriptionNamesTheFilter) {
  EXPECT_EQ(
      suback_text(0x87, "secret/#"),
      "the broker refused the subscription to 'secret/#': not authorized; the broker's access "
      "rules do not let this user read it");
}

TEST(ReasonText, AnUnknownCodeIsShown) {
  EXPECT_EQ(connack_text(5, 0xbb, ""), "the broker refused the connection: reason code 0xbb");
}

}  // namespace
}  // namespace plotbridge::mqtt
