// Concern: what cannot be made, read or changed by REST is refused in the words that its client
// reads.
#include "tests/http/rest_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::http {
namespace {

TEST_F(RestTest, WhatIsNotUtf8IsRefusedAndNotRepeated) {
  start();
  const std::string bad = "\"filename\":\"\xFF\xFE\"";
  EXPECT_EQ(v1("un=u&key=k&args=[]&kwargs={" + bad + "}").body["error"],
            "un, args and kwargs must be UTF-8");
  EXPECT_EQ(v1("un=\xC3&key=k&args=[]&kwargs={}").body["error"],
            "un, args and kwargs must be UTF-8");
  EXPECT_EQ(v2("POST", "/v2/plots", "{" + bad + R"(,"figure":{"data":[]}})").status, 400);
  EXPECT_EQ(v2("POST", "/v2/grids", "{" + bad + R"(,"data":{"cols":{"a":{}}}})").status, 400);
  EXPECT_EQ(v2("GET", "/v2/users/current", "", "/zpr").status, 400);  // \xFF:k
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=%ff%fe").body["errors"][0]["message"],
            "there is no file \xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(json::parse(get("/api/plots").substr(get("/api/plots").find("\r\n\r\n")))["plots"],
            json::array());
}

TEST_F(RestTest, ABodyThatIsTooLongIsRefusedBeforeItIsRead) {
  start();
  const std::string head = "Host: localhost\r\nContent-Length: 99999999\r\n";
  const Answer first = ask("POST /clientresp HTTP/1.1\r\n" + head);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body["error"], "the request body is too long");
  const Answer second = ask("POST /v2/plots HTTP/1.1\r\n" + head);
  EXPECT_EQ(second.status, 413);
  EXPECT_EQ(second.body["errors"][0]["message"], "the request body is too long");
}

TEST_F(RestTest, AFigureWhoseTokensFindNoRoomIsRefusedWithTheReason) {
  endpoint::Options options;
  options.max_streams = 2;
  options.streams.push_back({"boiler", Secret("aaaaaaaaaa")});
  start(std::move(options));
  const auto figure = [](const std::string& tokens) {
    std::string traces;
    for (const char token : tokens) {
      traces += std::string(traces.empty() ? "" : ",") + R"({"y":[],"stream":{"token":")" +
                std::string(10, token) + R"("}})";
    }
    return R"({"filename":"vec","figure":{"data":[)" + traces + "]}}";
  };
  const Answer refused = v2("POST", "/v2/plots", figure("abc"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.dump().find("too many streams"), std::string::npos) << refused.body;
  EXPECT_EQ(v2("GET", "/v2/plots/plant:2/content").status, 404);
  // A token that is there already, or twice, needs no room.
  EXPECT_EQ(v2("POST", "/v2/plots", figure("abb")).status, 201);
  EXPECT_EQ(v2("PUT", "/v2/plots/plant:2", figure("ac")).status, 400);
  EXPECT_EQ(v2("PUT", "/v2/plots/plant:2", figure("b")).status, 200);
}

TEST_F(RestTest, NoPageOfAnotherOriginMayMakeAPlot) {
  start();
  const Answer answer =
      ask("POST /clientresp HTTP/1.1\r\nHost: localhost\r\nOrigin: https://example.com\r\n",
          "un=user&key=k&origin=plot&platform=x&args=[]&kwargs={}");
  EXPECT_EQ(answer.status, 403);
}

TEST_F(RestTest, APlotIsReadByAnybodyWhoMayLookAndChangedByItsOwnerAlone) {
  start(with_users({{"plant", "apikey1234"}, {"bob", "bobskey"}}, false));
  const std::string bob = "Ym9iOmJvYnNrZXk=";  // bob:bobskey
  const std::string grid = R"({"filename":"g","data":{"cols":{"a":{"data":[1],"order":0}}}})";
  const std::string figure = R"({"filename":"p","figure":{"data":[],"layout":{}}})";
  ASSERT_EQ(v2("POST", "/v2/grids", grid).body["file"]["fid"], "plant:1");
  ASSERT_EQ(v2("POST", "/v2/plots", figure).body["file"]["fid"], "plant:2");
  for (const std::string& file : {std::string("grids/plant:1"), std::string("plots/plant:2")}) {
    const std::string another = std::string(file).replace(file.find("plant"), 5, "bob");
    for (const std::string& user : {std::string("cGxhbnQ6YXBpa2V5MTIzNA=="), bob}) {
      EXPECT_EQ(v2("GET", "/v2/" + file, "", user).status, 200) << file;
      EXPECT_EQ(v2("GET", "/v2/" + file + "/content", "", user).status, 200) << file;
      EXPECT_EQ(v2("GET", "/v2/" + another, "", user).status, 404) << another;
    }
    const Answer refused = v2("DELETE", "/v2/" + file, "", bob);
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body["errors"][0]["message"], "only who made it changes it");
    EXPECT_EQ(v2("PUT", "/v2/" + another, figure).status, 404);
    EXPECT_EQ(v2("DELETE", "/v2/" + file).status, 204);
  }
}

TEST_F(RestTest, WhatIsNotReadIsRefusedInTheWordsThatItsClientReads) {
  EndpointServer::Options limits;
  limits.max_bytes = 200'000;
  start(with_user(), limits);
  const std::string large(160'000, 'a');
  EXPECT_EQ(v2("POST", "/v2/plots", large).status, 503);
  EXPECT_TRUE(v2("POST", "/v2/plots", large).body["errors"][0]["message"].is_string());
  const Answer refused = v1(large);
  EXPECT_EQ(refused.status, 200);
  EXPECT_TRUE(has(refused.body["error"].get<std::string>(), "at the same time"));
}

TEST_F(RestTest, AStreamThatNothingCouldFeedIsAnError) {
  start();
  for (const char* const stream : {R"({"token":""})", R"({"token":5})", R"("x")", "5"}) {
    const std::string trace = std::string(R"([{"y":[],"stream":)") + stream + "}]";
    const Answer first = v1("un=user&key=k&origin=plot&platform=x&kwargs={}&args=" + trace);
    EXPECT_TRUE(has(first.body["error"].get<std::string>(), "the token a text")) << stream;
    const Answer second =
        v2("POST", "/v2/plots", R"({"figure":{"layout":{},"data":)" + trace + "}}");
    EXPECT_EQ(second.status, 400) << stream;
  }
  for (const char* const stream : {"{}", "null", R"({"token":null})", R"({"maxpoints":3})"}) {
    const std::string trace = std::string(R"([{"y":[],"stream":)") + stream + "}]";
    EXPECT_EQ(v1("un=user&key=k&origin=plot&platform=x&kwargs={}&args=" + trace).body["error"], "");
  }
}

}  // namespace
}  // namespace plotbridge::http
