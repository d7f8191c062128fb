// Concern: nobody goes on sending lines that go nowhere, because his plot has another token.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::http {
namespace {

class PlotLossTest : public NumberedClientTest {
 protected:
  void start_closed() {
    endpoint::Options options;
    options.open = false;
    start(std::move(options));
    EXPECT_TRUE(has(rest("POST", "/v2/plots", "aaaaaaaaaa"), " 201 "));
  }
  std::string rest(const std::string& method, const std::string& path,
                   const std::string& token) const {
    const std::string body =
        R"({"filename":"vec","figure":{"data":[{"y":[],"stream":{"token":")" + token + R"("}}]}})";
    return client()
        .send(method + ' ' + path +
              " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic cGxhbnQ6aw==\r\n"
              "Content-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body)
        .read_to_end();
  }
};

TEST_F(PlotLossTest, EndsTheStreamWhoseTokenWasReplaced) {
  start_closed();
  auto sender = stream("aaaaaaaaaa");
  sender.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  EXPECT_TRUE(has(rest("PUT", "/v2/plots/plant:1", "bbbbbbbbbb"), " 200 "));
  const std::string answer = sender.read_to_end();
  EXPECT_TRUE(has(answer, " 403 ")) << answer;
  EXPECT_TRUE(has(answer, "stream token no longer associated with this plot")) << answer;
}

TEST_F(PlotLossTest, EndsTheStreamOfAPlotThatIsDeleted) {
  start_closed();
  auto sender = stream("aaaaaaaaaa");
  sender.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  rest("DELETE", "/v2/plots/plant:1", "any");
  EXPECT_TRUE(has(sender.read_to_end(), " 403 "));
}

TEST_F(PlotLossTest, IsTheLastWordForWhoNumbersHisLines) {
  start_closed();
  auto sender = bridge(0, "", 1, "9f0c", "aaaaaaaaaa");
  sender.send(chunk(lines(0, 2)));
  sender.read_until(have_line("[0,2]"));
  rest("PUT", "/v2/plots/plant:1", "bbbbbbbbbb");
  expect_end(sender.read_to_end(), "", "limit", 403);
}

TEST_F(PlotLossTest, IsNoneWhereThePlotIsOverwrittenWithItsToken) {
  start_closed();
  auto sender = stream("aaaaaaaaaa");
  sender.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  rest("PUT", "/v2/plots/plant:1", "aaaaaaaaaa");
  sender.send(chunk("{\"y\":2}\n")).send(kLastChunk);
  EXPECT_TRUE(has(sender.read_to_end(), " 200 "));
}

}  // namespace
}  // namespace plotbridge::http
