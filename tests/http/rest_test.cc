// Concern: the requests by which official clients make plots make them, and what is read back is
// the figure with the data of the moment.
#include "tests/http/rest_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::http {
namespace {

const std::string kNodeBody =
    "platform=nodejs&version=1.0.4&args=[{\"x\":[],\"y\":[],\"type\":\"scatter\",\"mode\":"
    "\"lines\","
    "\"name\":\"caf\xC3\xA9 & co\",\"stream\":{\"token\":\"abcdefghij\",\"maxpoints\":2}}]&kwargs="
    "{\"fileopt\":\"overwrite\",\"filename\":\"vec\",\"layout\":{\"title\":\"t\"},"
    "\"world_readable\":true}&un=user&key=apikey1234&origin=plot";

TEST_F(RestTest, NodesPlotIsMadeFedAndReadBack) {
  start();
  const Answer made = v1(kNodeBody);
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.body["error"], "");
  EXPECT_EQ(made.body["url"], "http://127.0.0.1:8088/plots/1");
  EXPECT_EQ(made.body["stream-status"], "All Streams Go!");
  EXPECT_EQ(made.body["stream-host"], "http://127.0.0.1:8088");
  for (int i = 1; i <= 3; ++i) {
    stream_line("abcdefghij", R"({"x":)" + std::to_string(i) + R"(,"y":2.50})");
  }
  EXPECT_EQ(figure(1), json::parse("{\"data\":[{\"mode\":\"lines\",\"name\":\"caf\xC3\xA9 & co\","
                                   "\"type\":\"scatter\",\"x\":[2,3],\"y\":[2.50,2.50]}],"
                                   "\"layout\":{\"title\":\"t\"}}"));
  EXPECT_TRUE(get("/api/plots").find("abcdefghij") == std::string::npos);
}

TEST_F(RestTest, OverwritingAPlotKeepsItsAddressAndEmptiesItsWindow) {
  start();
  v1(kNodeBody);
  stream_line("abcdefghij", R"({"x":1,"y":1})");
  EXPECT_EQ(v1(kNodeBody).body["url"], "http://127.0.0.1:8088/plots/1");
  EXPECT_FALSE(figure(1)["data"][0].contains("x") && figure(1)["data"][0]["x"].size() > 0);
  stream_line("abcdefghij", R"({"x":7,"y":7})");
  EXPECT_EQ(figure(1)["data"][0]["x"], json({7}));
}

TEST_F(RestTest, AnotherPlotTakesTheTokenAndTheOldOneKeepsItsData) {
  start();
  v1(kNodeBody);
  stream_line("abcdefghij", R"({"x":1,"y":1})");
  std::string other = kNodeBody;
  other.replace(other.find("\"vec\""), 5, "\"two\"");
  EXPECT_EQ(v1(other).body["url"], "http://127.0.0.1:8088/plots/2");
  stream_line("abcdefghij", R"({"x":2,"y":2})");
  EXPECT_EQ(figure(1)["data"][0]["x"], json({1}));
  EXPECT_EQ(figure(2)["data"][0]["x"], json({2}));
}

TEST_F(RestTest, APlotTakesATokenFromTheOneThatWasMadeForIt) {
  start();
  stream_line("abcdefghij", R"({"x":1,"y":1})");
  v1(kNodeBody);
  const std::string plots = get("/api/plots");
  EXPECT_EQ(plots.find("\"id\":1,"), std::string::npos) << plots;
  EXPECT_NE(plots.find("\"id\":2,\"name\":\"vec\""), std::string::npos) << plots;
}

TEST_F(RestTest, AStreamThatNoPlotHasAnyMoreHasItsOwnOneAgain) {
  start();
  stream_line("abcdefghij", R"({"x":1,"y":1})");
  for (int i = 0; i < 3; ++i) {
    v1(kNodeBody);
    EXPECT_EQ(get("/api/plots").find("\"id\":1,"), std::string::npos);
    std::string without = kNodeBody;
    without.replace(without.find("abcdefghij"), 10, "klmnopqrst");
    v1(without);
    stream_line("abcdefghij", R"({"x":2,"y":2})");
    EXPECT_NE(look("/api/plots").find("\"id\":1,"), std::string::npos);
  }
  EXPECT_EQ(get("/api/plots").find("\"id\":3,"), std::string::npos);
  EXPECT_EQ(figure(1)["data"][0]["x"], json({1, 2, 2, 2}));
}

TEST_F(RestTest, ATokenThatItsPlotHasLostIsToldSo) {
  endpoint::Options options = with_user();
  options.open = false;
  start(std::move(options));
  const std::string plant = "&un=plant&key=apikey1234";
  const std::string kwargs = "&kwargs={\"filename\":\"v\",\"fileopt\":\"overwrite\"}";
  EXPECT_NE(stream().read_to_end().find(" 404 "), std::string::npos);
  v1(R"(args=[{"stream":{"token":"abcdefghij"}}])" + kwargs + plant);
  stream_line("abcdefghij", R"({"x":1,"y":1})");
  v1(R"(args=[{"x":[1]}])" + kwargs + plant);
  const std::string answer = stream().read_to_end();
  EXPECT_NE(answer.find(" 403 "), std::string::npos) << answer;
  EXPECT_NE(answer.find("stream token no longer associated with this plot"), std::string::npos);
}

TEST_F(RestTest, APlotDoesNotGrowWithoutEnd) {
  start();
  std::string many;
  for (int i = 0; i < 600; ++i) many += std::string(i == 0 ? "" : ",") + R"({"y":[1]})";
  const std::string body =
      "args=[" + many + "]&kwargs={\"filename\":\"l\",\"fileopt\":\"append\"}&un=u&key=k";
  EXPECT_EQ(v1(body).body["error"], "");
  EXPECT_EQ(v1(body).body["error"], "a plot has at most 1000 traces");
  EXPECT_EQ(figure(1, "u")["data"].size(), 600U);
}

TEST_F(RestTest, ListsMakeTracesAndMoreCanBeAppended) {
  start();
  const std::string end = "&un=user&key=k&origin=plot&platform=MATLAB";
  v1("args=[[1,2],[3,4],[5],[6]]&kwargs={\"filename\":\"l\",\"style\":{\"mode\":\"markers\"}}" +
     end);
  EXPECT_EQ(figure(1)["data"],
            json::parse(
                R"([{"mode":"markers","x":[1,2],"y":[3,4]},{"mode":"markers","x":[5],"y":[6]}])"));
  v1("args=[{\"x\":[9],\"y\":[9]}]&kwargs={\"filename\":\"l\",\"fileopt\":\"append\"}" + end);
  EXPECT_EQ(figure(1)["data"].size(), 3U);
  v1("args=[{\"x\":[3],\"y\":[5]}]&kwargs={\"filename\":\"l\",\"fileopt\":\"extend\"}" + end);
  EXPECT_EQ(figure(1)["data"][0]["x"], json({1, 2, 3}));
  v1("args=[{\"xaxis\":{\"title\":\"s\"}}]&kwargs={\"filename\":\"l\"}&un=user&key=k&origin="
     "layout");
  EXPECT_EQ(figure(1)["layout"]["xaxis"]["title"], "s");
  v1("args=[{\"mode\":\"lines\"}]&kwargs={\"filename\":\"l\"}&un=user&key=k&origin=style");
  EXPECT_EQ(figure(1)["data"][0]["mode"], "lines");
}

TEST_F(RestTest, WhatIsWrongWithAPlotStandsInItsError) {
  start(with_user());
  EXPECT_NE(
      v1("un=plant&key=wrong&args=[]&kwargs={}").body["error"].get<std::string>().find("Aw, snap!"),
      std::string::npos);
  const auto error = [&](const std::string& args) {
    return v1("un=plant&key=apikey1234&args=" + args + "&kwargs={}")
        .body["error"]
        .get<std::string>();
  };
  EXPECT_EQ(error(""), "Missing required POST parameters: platform un key origin args kwargs");
  EXPECT_EQ(error("[1"), "args must be a JSON array and kwargs a JSON object");
  EXPECT_EQ(error("[{\"xsrc\":\"plant:1:000000\"}]"),
            "xsrc names no column of a grid: plant:1:000000");
  EXPECT_NE(look("/api/plots").find(R"({"plots":[]})"), std::string::npos);
}

TEST_F(RestTest, ChartStudiosPythonMakesGridAndPlot) {
  start(with_user());
  EXPECT_EQ(v2("GET", "/v2/users/current").body["username"], "plant");
  EXPECT_EQ(v2("GET", "/v2/users/current", "", "cGxhbnQ6d3Jvbmc=").status, 401);
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=vec_grid").status, 404);
  const Answer grid = v2("POST", "/v2/grids",
                         R"({"data":{"cols":{"data.0.x":{"data":[1,2.50],"order":0},"b \"c\"":)"
                         R"({"data":["u","v"],"order":1}}},"filename":"vec_grid"})");
  EXPECT_EQ(grid.status, 201);
  const json file = grid.body["file"];
  EXPECT_EQ(file["fid"], "plant:1");
  EXPECT_EQ(file["cols"][1]["name"], "b \"c\"");
  const auto reference = [&](int i) {
    return "\"plant:1:" + file["cols"][static_cast<std::size_t>(i)]["uid"].get<std::string>() + '"';
  };
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=vec_grid").body["filetype"], "grid");
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=vec").status, 404);
  const std::string body =
      R"({"figure":{"data":[{"type":"scatter","stream":{"token":"abcdefghij",)"
      R"("maxpoints":200},"xsrc":)" +
      reference(0) + R"(,"ysrc":)" + reference(1) +
      R"(}],"layout":{"title":{"text":"T"}}},"filename":"vec","parent_path":"my"})";
  const Answer plot = v2("POST", "/v2/plots", body);
  EXPECT_EQ(plot.status, 201);
  EXPECT_EQ(plot.body["file"]["fid"], "plant:2");
  EXPECT_EQ(plot.body["file"]["web_url"], "http://localhost:8088/plots/2");
  EXPECT_EQ(v2("GET", "/v2/plots/plant:2/content").body,
            json::parse(R"({"data":[{"type":"scatter","x":[1,2.50],"y":["u","v"]}],)"
                        R"("layout":{"title":{"text":"T"}}})"));
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=my%2Fvec").body["fid"], "plant:2");
  EXPECT_EQ(v2("PUT", "/v2/plots/plant:2", body).status, 200);
  stream_line("abcdefghij", R"({"x":3,"y":"w"})");
  EXPECT_EQ(figure(2, "plant")["data"][0]["y"], json({"u", "v", "w"}));
  EXPECT_EQ(v2("GET", "/v2/plots/plant:99/content").status, 404);
  EXPECT_EQ(v2("POST", "/v2/plots", "{\"figure\":").status, 400);
}

TEST_F(RestTest, NumbersThatWereGivenOnceDoNotUseUpTheRoom) {
  start();
  loop.call([this] {
    while (endpoint->plots().take_id() < endpoint::PlotBook::kMostFiles) {
    }
  });
  EXPECT_EQ(v2("POST", "/v2/plots", R"({"filename":"vec","figure":{"data":[]}})").status, 201);
  EXPECT_EQ(v2("POST", "/v2/grids", R"({"filename":"g","data":{"cols":{"a":{}}}})").status, 201);
}

TEST_F(RestTest, AFileThatIsDeletedIsGone) {
  endpoint::Options options = with_user();
  options.open = false;
  options.plots.push_back({"configured", "{}", {}});
  start(std::move(options));
  EXPECT_EQ(v2("POST", "/v2/grids", R"({"filename":"g","data":{"cols":{"a":{}}}})").status, 201);
  EXPECT_EQ(v2("POST", "/v2/plots",
               R"({"filename":"vec","figure":{"data":[{"stream":{"token":"abcdefghij"}}]}})")
                .status,
            201);
  stream_line("abcdefghij", R"({"y":1})");
  for (const std::string path : {"/v2/grids/plant:2", "/v2/plots/plant:3"}) {
    EXPECT_EQ(v2("DELETE", path, "", "cGxhbnQ6d3Jvbmc=").status, 401);
    EXPECT_EQ(v2("DELETE", path + "/content").status, 405);
    EXPECT_EQ(v2("DELETE", path).status, 204);
    EXPECT_EQ(v2("DELETE", path).status, 404);
    EXPECT_EQ(v2("GET", path).status, 404);
  }
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=vec").status, 404);
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=g").status, 404);
  EXPECT_EQ(look("/api/plots").find("\"id\":3,"), std::string::npos);
  EXPECT_NE(stream().read_to_end().find(" 403 "), std::string::npos);
  EXPECT_EQ(v2("DELETE", "/v2/plots/1").status, 403);
  EXPECT_NE(look("/api/plots").find("\"id\":1,"), std::string::npos);
}

TEST_F(RestTest, AGridInAFolderIsFoundAgain) {
  start();
  const std::string body =
      R"({"filename":"P_grid","parent_path":"dir","data":{"cols":{"a":{"data":[1]}}}})";
  EXPECT_EQ(v2("POST", "/v2/grids", body).status, 201);
  const std::string path = "/v2/files/lookup?path=dir%2FP_grid";
  EXPECT_EQ(v2("GET", path).body["fid"], "plant:1");
  EXPECT_EQ(v2("PUT", "/v2/grids/plant:1", R"({"filename":"P_grid","data":{"cols":{"a":{}}}})")
                .body["file"]["filename"],
            "dir/P_grid");
  EXPECT_EQ(v2("GET", path).body["fid"], "plant:1");
}

TEST_F(RestTest, AFileIsReadByHeadAndByAnEncodedNumberToo) {
  start();
  v2("POST", "/v2/grids", R"({"filename":"g","data":{"cols":{"a":{"data":[1]}}}})");
  v2("POST", "/v2/plots", R"({"filename":"vec","figure":{"data":[{"x":[1]}]}})");
  for (const std::string path : {"/v2/grids/plant:1", "/v2/plots/plant:2"}) {
    for (const std::string what : {"", "/content"}) {
      const Answer head = v2("HEAD", path + what);
      EXPECT_EQ(head.status, 200) << path << what;
      EXPECT_TRUE(head.body.is_discarded());
    }
  }
  EXPECT_EQ(v2("GET", "/v2/plots/plant%3A2/content").body["data"][0]["x"], json({1}));
  EXPECT_EQ(v2("GET", "/v2/grids/plant%3a1").body["fid"], "plant:1");
  EXPECT_EQ(v2("GET", "/apigetfile/pl%61nt/2").status, 200);
}

TEST_F(RestTest, WhoMayReadAFileIsAnsweredAsItWasAsked) {
  start();
  const std::string figure = R"(,"figure":{"data":[]}})";
  const auto asked = [](Answer answer) { return answer.body["file"]["world_readable"]; };
  EXPECT_EQ(asked(v2("POST", "/v2/plots", R"({"filename":"a")" + figure)), true);
  EXPECT_EQ(asked(v2("POST", "/v2/plots", R"({"filename":"b","world_readable":false)" + figure)),
            false);
  EXPECT_EQ(v2("GET", "/v2/plots/plant:2").body["world_readable"], false);
  EXPECT_EQ(asked(v2("PUT", "/v2/plots/plant:2", "{\"filename\":\"b\"" + figure)), false);
  EXPECT_EQ(asked(v2("PUT", "/v2/plots/plant:2", R"({"world_readable":true)" + figure)), true);
  const std::string columns = R"(,"data":{"cols":{"a":{}}}})";
  EXPECT_EQ(asked(v2("POST", "/v2/grids", R"({"world_readable":false)" + columns)), false);
  EXPECT_EQ(asked(v2("POST", "/v2/grids", R"({"filename":"g")" + columns)), true);
  v1(R"(un=plant&key=k&args=[]&kwargs={"filename":"c","world_readable":false})");
  EXPECT_EQ(v2("GET", "/v2/files/lookup?path=c").body["world_readable"], false);
}

TEST_F(RestTest, WhereStrangersCanComeOnlyUsersLook) {
  start(with_users({{"plant", "apikey1234"}}, false));
  EXPECT_NE(get("/api/plots").find(" 401 "), std::string::npos);
  EXPECT_NE(get("/").find("WWW-Authenticate: Basic"), std::string::npos);
  EXPECT_NE(get("/", "Host: localhost\r\nAuthorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n")
                .find(" 200 "),
            std::string::npos);
  EXPECT_NE(get("/apigetfile/plant/1").find(" 401 "), std::string::npos);
  // Who forgot the key and who mistyped it are told apart.
  EXPECT_NE(get("/").find("name and key are asked for"), std::string::npos);
  EXPECT_NE(get("/", "Host: localhost\r\nAuthorization: Basic cGxhbnQ6d3Jvbmc=\r\n")
                .find("no user of server.users has this name and key"),
            std::string::npos);
}

}  // namespace
}  // namespace plotbridge::http
