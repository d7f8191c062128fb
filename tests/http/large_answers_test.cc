// Concern: what is large and made for those who proved nothing is made part by part, each in its
// turn; who has a key, and HEAD, do not wait.
#include "tests/http/rest_fixture.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace plotbridge::http {
namespace {

class LargeAnswersTest : public RestTest {
 protected:
  /// Twenty parts of style, and little data.
  void make_large_plot() {
    std::string data;
    for (int i = 0; i < 10; ++i) {
      data += (i == 0 ? "{\"text0\":\"" : ",{\"text0\":\"") + std::string(130'000, 'w') +
              "\",\"x\":[1]}";
    }
    ASSERT_EQ(
        v2("POST", "/v2/plots", R"({"filename":"large","figure":{"data":[)" + data + "]}}").status,
        201);
  }
  std::string make_large_grid(int first) const {
    std::string column = "[";
    for (int i = 0; i < 100'000; ++i) column += std::to_string(first + i) + ',';
    column.back() = ']';
    const auto made =
        v2("POST", "/v2/grids",
           R"({"filename":"g","data":{"cols":{"a":{"data":)" + column + R"(},"b":{"data":[]}}}})");
    return made.body["file"]["fid"];
  }
  /// The JSON that a stranger gets, and how many turns that took.
  std::pair<json, std::uint64_t> read(const std::string& path) const {
    const std::uint64_t before = server->stats().reader_turns;
    const json body = ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n").body;
    return {body, server->stats().reader_turns - before};
  }
};

TEST_F(LargeAnswersTest, APlotsStylesComeInTurns) {
  start();
  make_large_plot();
  const auto [plot, turns] = read("/api/plots/1");
  EXPECT_EQ(plot["traces"].size(), 10U);
  EXPECT_EQ(plot["traces"][9]["style"]["text0"].get<std::string>().size(), 130'000U);
  EXPECT_GE(turns, 10U);
  const auto [figure, turns_of_figure] = read("/apigetfile/plant/1");
  EXPECT_EQ(figure["payload"]["figure"]["data"].size(), 10U);
  EXPECT_GE(turns_of_figure, 10U);
  EXPECT_EQ(server->stats().waiting_readers, 0U);
}

TEST_F(LargeAnswersTest, WhoHasAKeyDoesNotWait) {
  start(with_user());
  make_large_plot();
  EXPECT_GT(look("/api/plots/1").size(), 1'300'000U);
  EXPECT_GT(look("/apigetfile/plant/1").size(), 1'300'000U);
  auto owner = client();
  owner.send(
      "GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n"
      "Authorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n");
  EXPECT_TRUE(has(owner.read_until("event: status"), "event: window"));
  EXPECT_EQ(server->stats().reader_turns, 0U);
}

TEST_F(LargeAnswersTest, GridsComeInTurns) {
  start();
  const std::string fid = make_large_grid(100'000);
  const auto [grid, turns] = read("/v2/grids/" + fid + "/content");
  EXPECT_EQ(grid["cols"]["a"]["data"].size(), 100'000U);
  EXPECT_EQ(grid["cols"]["a"]["data"][99'999], 199'999);
  EXPECT_EQ(grid["cols"]["a"]["order"], 0);
  EXPECT_EQ(grid["cols"]["b"]["data"], json::array());
  EXPECT_EQ(grid["cols"]["b"]["order"], 1);
  EXPECT_GE(turns, 10U);
  const auto [file, turns_of_file] = read("/v2/grids/" + fid);
  EXPECT_EQ(file["fid"], fid);
  EXPECT_EQ(file["cols"][1]["name"], "b");
  EXPECT_EQ(turns_of_file, 1U) << "it is one part";
}

TEST_F(LargeAnswersTest, AGridThatIsDeletedMeanwhileDoesNotEndInOrder) {
  start();
  const std::string fid = make_large_grid(100'000);
  RawClient slow(port, 4096);
  const std::string path = "/v2/grids/" + fid + "/content";
  slow.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::string text = slow.read_until("\r\n\r\n");
  ASSERT_EQ(v2("DELETE", "/v2/grids/" + fid).status, 204);
  for (std::string more = slow.read_something(); !more.empty(); more = slow.read_something()) {
    text += more;
  }
  // Unless all of it was in the kernel by then.
  EXPECT_TRUE(text.ends_with("0\r\n\r\n") || !slow.ended_in_order());
}

TEST_F(LargeAnswersTest, TheListOfPlotsComesInTurns) {
  start();
  std::string data = "{}";
  for (int i = 1; i < 900; ++i) data += ",{}";
  ASSERT_EQ(v2("POST", "/v2/plots", R"({"figure":{"data":[)" + data + "]}}").status, 201);
  const auto [list, turns] = read("/api/plots");
  EXPECT_EQ(list["plots"][0]["traces"].size(), 900U);
  EXPECT_GE(turns, 2U);
}

TEST_F(LargeAnswersTest, AFileThatIsUnpackedForItsReaderComesInTurns) {
  start();
  const std::string script = get("/plotly.js");
  EXPECT_GT(script.size(), 1'000'000U);
  EXPECT_TRUE(script.ends_with("\r\n0\r\n\r\n"));
  EXPECT_GE(server->stats().reader_turns, 10U);
}

TEST_F(LargeAnswersTest, AWindowWaitsForItsTurn) {
  start();
  make_large_plot();
  auto stranger = client();
  stranger.send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(has(stranger.read_until("event: status"), "event: window"));
  EXPECT_EQ(server->stats().reader_turns, 1U);
}

TEST_F(LargeAnswersTest, OfHeadNothingIsMade) {
  start();
  make_large_plot();
  const std::string fid = make_large_grid(0);
  for (const std::string& path :
       {std::string("/api/plots"), std::string("/api/plots/1"), std::string("/apigetfile/plant/1"),
        std::string("/v2/plots/1/content"), "/v2/grids/" + fid, "/v2/grids/" + fid + "/content",
        std::string("/plotly.js")}) {
    const std::string answer =
        client().send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end();
    EXPECT_TRUE(has(answer, " 200 ") && answer.ends_with("\r\n\r\n")) << path << answer;
    EXPECT_FALSE(has(answer, "Content-Length")) << path << ": its length is not known";
  }
  EXPECT_EQ(server->stats().reader_turns, 0U);
}

}  // namespace
}  // namespace plotbridge::http
