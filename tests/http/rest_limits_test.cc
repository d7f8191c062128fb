// Concern: whatever a REST client sends, the endpoint holds no more than its limits, and says what
// to do instead.
#include "plugin/endpoint/plot_json.h"

#include "tests/http/rest_fixture.h"

#include <string>

namespace plotbridge::http {
namespace {

std::string grid_body(const std::string& columns) {
  return R"({"filename":"g","data":{"cols":{)" + columns + "}}}";
}

std::string message_of(const json& body) { return body["errors"][0]["message"]; }

TEST_F(RestTest, NamesThatAreTooLongAreRefused) {
  start();
  const std::string name(300, 'n');
  for (const char* const files : {"/v2/plots", "/v2/grids"}) {
    const std::string rest = R"(,"figure":{"data":[]},"data":{"cols":{"a":{}}}})";
    const auto plain = v2("POST", files, "{\"filename\":\"" + name + '"' + rest);
    EXPECT_EQ(plain.status, 400);
    EXPECT_NE(message_of(plain.body).find("take a shorter one"), std::string::npos);
    const auto folder =
        v2("POST", files, "{\"filename\":\"a\",\"parent_path\":\"" + name + '"' + rest);
    EXPECT_EQ(folder.status, 400);
  }
  EXPECT_EQ(v2("POST", "/v2/grids", grid_body('"' + name + "\":{}")).status, 400);
  const std::string long_user = "bm5ubm5ubm5ubm5u";  // nnnnnnnnnnnn
  std::string user;
  for (int i = 0; i < 30; ++i) user += long_user;
  EXPECT_EQ(v2("POST", "/v2/plots", R"({"filename":"a"})", user + "OmtleQ==").status, 400);
  EXPECT_NE(
      v1("un=u&key=k&origin=plot&args=[]&kwargs={\"filename\":\"" + name + "\"}").body["error"],
      "");
  EXPECT_NE(v1("un=" + name + "&key=k&origin=plot&args=[]&kwargs={}").body["error"], "");
  EXPECT_EQ(endpoint->plots().figure_bytes(), 0U);
  EXPECT_EQ(endpoint->grids().bytes(), 0U);
}

TEST_F(RestTest, AGridLargerThanAllGridsTogetherIsRefused) {
  start();
  std::string columns;
  for (int i = 0; i < 200'000; ++i) {
    columns += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":{}";
  }
  const auto answer = v2("POST", "/v2/grids", grid_body(columns));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(message_of(answer.body).find("make several grids"), std::string::npos);
  EXPECT_EQ(endpoint->grids().count(), 0U);
}

TEST_F(RestTest, AFewBytesOfReferencesDoNotBecomeManyOfData) {
  start();
  const std::string column = "[1" + std::string(std::size_t{3} << 20, '1') + "]";
  const auto grid = v2("POST", "/v2/grids", grid_body(R"("a":{"data":)" + column + "}"));
  ASSERT_EQ(grid.status, 201);
  const std::string source = '"' + std::string(grid.body["file"]["fid"]) + ':' +
                             std::string(grid.body["file"]["cols"][0]["uid"]) + '"';
  std::string trace = R"({"mode":"lines")";
  for (int i = 0; i < 60; ++i) trace += ",\"a" + std::to_string(i) + "src\":" + source;
  const auto refused = v2("POST", "/v2/plots", R"({"figure":{"data":[)" + trace + "}]}}");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(message_of(refused.body).find("refer to shorter ones"), std::string::npos);
  const auto made = v2("POST", "/v2/plots", R"({"figure":{"data":[{"xsrc":)" + source + "}]}}");
  EXPECT_EQ(made.status, 201);
}

TEST_F(RestTest, AStreamFeedsAFewTracesOfAPlotOnly) {
  start();
  const std::string trace = R"({"stream":{"token":"sametoken1"}})";
  const auto body = [&](int traces) {
    std::string data = trace;
    for (int i = 1; i < traces; ++i) data += ',' + trace;
    return R"({"figure":{"data":[)" + data + "]}}";
  };
  const auto refused = v2("POST", "/v2/plots", body(17));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(message_of(refused.body).find("at most 16 traces"), std::string::npos);
  ASSERT_EQ(v2("POST", "/v2/plots", body(16)).status, 201);
  // Nor one by one.
  const std::string args = "un=u&key=k&origin=plot&args=[" + trace + "]&kwargs=";
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(v1(args + R"({"filename":"q","fileopt":"append"})").body["error"], "");
  }
  const std::string why = v1(args + R"({"filename":"q","fileopt":"append"})").body["error"];
  EXPECT_NE(why.find("at most 16 traces"), std::string::npos);
}

TEST_F(RestTest, AStyleForManyListsIsNotRepeatedWithoutEnd) {
  start();
  std::string lists = "[1]";
  for (int i = 1; i < 1000; ++i) lists += ",[1]";
  const std::string style = R"({"text":")" + std::string(std::size_t{1} << 20, 's') + "\"}";
  const auto answer = v1("un=u&key=k&origin=plot&args=[" + lists + "]&kwargs={\"style\":" + style +
                         ",\"filename\":\"p\"}");
  EXPECT_NE(std::string(answer.body["error"]).find("take a shorter one"), std::string::npos);
}

TEST_F(RestTest, APlotThatIsTooLargeForOneAnswerIsNotReadBack) {
  start();
  const std::string column = "[" + std::string(std::size_t{3} << 20, '1') + "]";
  for (int i = 0; i < 3; ++i) {
    const std::string trace = "{\"y\":" + column + "}";
    const auto answer = v1("un=u&key=k&origin=plot&args=[" + trace + "," + trace +
                           "]&kwargs={\"filename\":\"p\",\"fileopt\":\"append\"}");
    ASSERT_EQ(answer.body["error"], "");
  }
  const auto file = v2("GET", "/apigetfile/u/1");
  EXPECT_EQ(file.status, 413);
  EXPECT_NE(std::string(file.body["error"]).find("fewer points"), std::string::npos);
  const auto content = v2("GET", "/v2/plots/u:1/content");
  EXPECT_EQ(content.status, 413);
  EXPECT_NE(message_of(content.body).find("fewer points"), std::string::npos);
}

TEST_F(RestTest, TheListOfPlotsComesInPages) {
  start();
  const std::string name(200, 'n');
  std::string data = "{\"name\":\"" + name + "\"}";
  for (int i = 1; i < 500; ++i) data += ",{\"name\":\"" + name + "\"}";
  for (int i = 0; i < 8; ++i) {
    ASSERT_EQ(v2("POST", "/v2/plots", R"({"figure":{"data":[)" + data + "]}}").status, 201);
  }
  const auto first = v2("GET", "/api/plots");
  EXPECT_LT(first.body["plots"].size(), 8U);
  const int next = first.body["next"];
  const auto second = v2("GET", "/api/plots?after=" + std::to_string(next));
  EXPECT_FALSE(second.body.contains("next"));
  EXPECT_EQ(first.body["plots"].size() + second.body["plots"].size(), 8U);
  EXPECT_EQ(second.body["plots"][0]["id"], next + 1);
}

}  // namespace
}  // namespace plotbridge::http
