// Concern: acknowledgements are read however their bytes are cut, and nothing else is taken for
// one.
#include "plugin/http/ack_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::http {
namespace {

TEST(AckReader, TellsTheNewestNumberAndTheEnd) {
  const std::string body =
      "{\"next\": 5}\n{\"next\": 1000}\n{\"next\": 1200, \"close\": \"evicted\", \"status\": "
      "423}\n";
  for (std::size_t cut = 0; cut <= body.size(); ++cut) {
    AckReader acks;
    ASSERT_TRUE(acks.read(body.substr(0, cut)));
    EXPECT_EQ(acks.ended(), cut == body.size());
    ASSERT_TRUE(acks.read(body.substr(cut)));
    EXPECT_EQ(acks.next(), 1200u);
    EXPECT_EQ(acks.status(), 423);
    EXPECT_EQ(acks.close(), "evicted");
  }
}

TEST(AckReader, KeepsEveryDigitOfTheGreatestNumber) {
  AckReader acks;
  EXPECT_TRUE(acks.read("{\"next\": 18446744073709551615}\n"));
  EXPECT_EQ(acks.next(), 18446744073709551615u);
  EXPECT_FALSE(acks.read("{\"next\": 18446744073709551616}\n"));
}

TEST(AckReader, PassesOverWhatALaterVersionMayAdd) {
  AckReader acks;
  EXPECT_TRUE(acks.read("\n{\"durability\": {\"next\": 9}, \"next\": 3, \"lag\": [1, 2]}\r\n"));
  EXPECT_EQ(acks.next(), 3u);
}

TEST(AckReader, RefusesWhatIsNone) {
  for (const char* line :
       {"healthy endpoint disconnect\n", "{}\n", "[1]\n", "{\"next\": -1}\n", "{\"next\": 1.5}\n",
        "{\"next\": \"1\"}\n", "{\"next\": 1, \"close\": \"done\"}\n",
        "{\"next\": 1, \"close\": \"done\", \"status\": 7}\n", "{\"next\": 1} {\"next\": 2}\n"}) {
    EXPECT_FALSE(AckReader().read(line)) << line;
  }
  EXPECT_FALSE(AckReader().read(std::string(AckReader::kMostLineBytes + 1, ' '))) << "endless";
  AckReader ended;
  EXPECT_TRUE(ended.read("{\"next\": 1, \"close\": \"done\", \"status\": 200}\n"));
  EXPECT_FALSE(ended.read("{\"next\": 2}\n")) << "after the last line";
}

}  // namespace
}  // namespace plotbridge::http
