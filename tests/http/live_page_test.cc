// Concern: what browsers get: the page and its protection, the lists, and events without a gap or a
// doubled point over a broken connection.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

class LivePageTest : public EndpointServerTest {
 protected:
  RawClient watch(std::string_view more_headers = "", int receive_bytes = 0) const {
    RawClient page(port, receive_bytes);
    page.send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n" +
              std::string(more_headers) + "\r\n");
    return page;
  }

  // The next event of this name: its id and its data.
  static std::pair<std::string, std::string> event(RawClient& page, std::string_view name) {
    page.read_until("id: ");
    std::string id = page.read_until("\n");
    id.pop_back();
    const std::string kind = page.read_until("\n");
    if (kind != "event: " + std::string(name) + "\n") return event(page, name);
    page.read_until("data: ");
    std::string data = page.read_until("\n\n");
    return {id, data.substr(0, data.size() - 2)};
  }
};

TEST_F(LivePageTest, PageComesWithItsProtection) {
  start();
  for (const char* const path : {"/", "/plots/1"}) {
    const std::string page = get(path);
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 OK\r\n")) << page.substr(0, 200);
    EXPECT_TRUE(has(page, "Content-Type: text/html"));
    EXPECT_TRUE(has(page,
                    "Content-Security-Policy: default-src 'self'; img-src 'self' data: blob:; "
                    "style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
                    "object-src 'none'; base-uri 'none'; form-action 'self'; "
                    "frame-ancestors 'none'\r\n"));
    EXPECT_TRUE(has(page, "X-Frame-Options: DENY\r\n"));
    EXPECT_TRUE(has(page, "Cross-Origin-Opener-Policy: same-origin\r\n"));
    EXPECT_EQ(count(page, "X-Content-Type-Options: nosniff\r\n"), 1U);
    EXPECT_FALSE(has(page, "Content-Encoding")) << "nobody asked for it";
    EXPECT_TRUE(has(page, "app.js"));
  }
}

TEST_F(LivePageTest, OriginsOfTheConfigurationMayShowItInAFrame) {
  EndpointServer::Options options;
  options.embed = {"https://portal.example.com", "http://10.0.0.1:8080"};
  start({}, options);
  const std::string page = get("/");
  EXPECT_TRUE(has(page, "frame-ancestors https://portal.example.com http://10.0.0.1:8080\r\n"));
  EXPECT_FALSE(has(page, "X-Frame-Options"));
  EXPECT_TRUE(has(get("/api/plots"), "frame-ancestors 'none'")) << "the page alone";
}

TEST_F(LivePageTest, NoAnswerLetsABrowserGuessItsType) {
  start();
  const std::string host = "Host: localhost\r\n";
  const std::string body = "Content-Length: 2\r\n\r\n{}";
  const std::vector<std::string> requests = {
      "GET / HTTP/1.1\r\n" + host + "\r\n",
      "GET /app.js HTTP/1.1\r\n" + host + "\r\n",
      "GET /plotly.js HTTP/1.1\r\n" + host + "Accept-Encoding: gzip\r\n\r\n",
      "GET /api/plots HTTP/1.1\r\n" + host + "\r\n",
      "GET /api/plots/9 HTTP/1.1\r\n" + host + "\r\n",
      "GET /api/plots/9/events HTTP/1.1\r\n" + host + "\r\n",
      "GET /nowhere HTTP/1.1\r\n" + host + "\r\n",
      "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      "DELETE / HTTP/1.1\r\n" + host + "\r\n",
      "POST / HTTP/1.1\r\n" + host + "plotly-streamtoken: t\r\n" + body,
      "POST / HTTP/1.1\r\n" + host + "plotly-streamtoken: t\r\nContent-Length: 3\r\n\r\nno\n",
      "POST / HTTP/1.1\r\n" + host + body,
      "POST /clientresp HTTP/1.1\r\n" + host + body,
      "POST /v2/plots HTTP/1.1\r\n" + host + body,
      "GET /v2/plots/9 HTTP/1.1\r\n" + host + "\r\n",
      "GET /apigetfile/u/1 HTTP/1.1\r\n" + host + "\r\n",
      "HEAD / HTTP/1.1\r\n" + host + "plotly-streamtoken: t\r\nStream-Producer: p\r\n\r\n",
      "nonsense\r\n\r\n"};
  for (const std::string& request : requests) {
    const std::string answer = client().send(request).read_to_end();
    EXPECT_EQ(count(answer, "X-Content-Type-Options: nosniff\r\n"), 1U) << request << answer;
    EXPECT_EQ(count(answer, "Referrer-Policy: no-referrer\r\n"), 1U) << request;
    EXPECT_EQ(count(answer, "Cross-Origin-Resource-Policy: same-origin\r\n"), 1U) << request;
  }
}

TEST_F(LivePageTest, BrowserGetsTheFilesCompressedAndOnlyOnce) {
  start();
  const std::string script =
      get("/app.js", "Host: localhost\r\nAccept-Encoding: deflate, gzip;q=0.9\r\n");
  EXPECT_TRUE(has(script, "Content-Encoding: gzip\r\n"));
  EXPECT_TRUE(has(script, "\r\n\r\n\x1f\x8b"));
  const auto at = script.find("ETag: ") + 6;
  const std::string etag = script.substr(at, script.find('\r', at) - at);
  const std::string again = get("/app.js", "Host: localhost\r\nIf-None-Match: " + etag + "\r\n");
  EXPECT_TRUE(again.starts_with("HTTP/1.1 304 Not Modified\r\n")) << again;
  EXPECT_TRUE(has(get("/app.js", "Host: localhost\r\nAccept-Encoding: gzip;q=0\r\n"), "import"));
}

TEST_F(LivePageTest, HeadHasNoBody) {
  start();
  const std::string answer =
      client().send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n").read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(LivePageTest, UnknownPathsAndMethodsAreRefused) {
  start();
  EXPECT_TRUE(get("/nothing").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(get("/api/plots/1").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(get("/api/plots/1/events").starts_with("HTTP/1.1 404 "));
  EXPECT_TRUE(has(get("/api/plots/99999999999"), R"({"error":)") ||
              has(get("/api/plots/99999999999"), " 404 "));
  EXPECT_TRUE(client()
                  .send("DELETE /api/plots HTTP/1.1\r\nHost: localhost\r\n\r\n")
                  .read_to_end()
                  .starts_with("HTTP/1.1 405 "));
}

TEST_F(LivePageTest, ForeignHostIsRefusedOnLoopback) {
  start();
  for (const char* const host : {"example.com", "127.0.0.1.example.com", "localhost.example.com:80",
                                 "10.0.0.1", "[::2]:80", ""}) {
    const std::string answer = get("/api/plots", "Host: " + std::string(host) + "\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << host << answer;
  }
  for (const char* const host :
       {"localhost", "LOCALHOST:8088", "127.0.0.1", "127.1.2.3:80", "[::1]:8088", "[::1]"}) {
    const std::string answer = get("/api/plots", "Host: " + std::string(host) + "\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << host << answer;
  }
}

TEST_F(LivePageTest, WatcherGetsTheWindowThenThePointsThenTheStatus) {
  start();
  auto source = stream();
  source.send(chunk("{\"x\":1,\"y\":1.50}\n"));
  plots_with("\"lines\":1");
  auto page = watch();
  EXPECT_TRUE(has(page.read_until("\r\n\r\n"), "Content-Type: text/event-stream\r\n"));
  EXPECT_EQ(event(page, "window").second,
            R"({"traces":[{"columns":{"x":[1],"y":[1.50]},"style":{"mode":"lines",)"
            R"("name":"stream 1","type":"scatter"}}],"layout":{}})");
  EXPECT_TRUE(has(event(page, "status").second, R"({"traces":[{"state":"live","last":"1.50",)"));
  source.send(chunk("{\"x\":2,\"y\":2}\n"));
  EXPECT_EQ(event(page, "points").second, R"({"traces":{"0":{"append":{"x":[2],"y":[2]}}}})");
  EXPECT_TRUE(has(event(page, "status").second, R"("lines":2)"));
  EXPECT_EQ(server->stats().watchers, 1U);
}

TEST_F(LivePageTest, WatcherOfAPlotThatIsDeletedIsToldSoAndLetGo) {
  start();
  const auto ask = [this](std::string_view method, std::string_view path, std::string_view body) {
    RawClient client(port);
    client.send(std::string(method) + ' ' + std::string(path) +
                " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic cGxhbnQ6aw==\r\n" +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    return client.read_to_end();
  };
  EXPECT_TRUE(has(ask("POST", "/v2/plots", R"({"figure":{"data":[{"y":[1]}]}})"), " 201 "));
  auto page = watch();
  event(page, "window");
  EXPECT_TRUE(ask("DELETE", "/v2/plots/plant:1", "").starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_TRUE(page.read_to_end().ends_with("event: gone\ndata: {}\n\n"));
  EXPECT_TRUE(has(get("/api/plots/1/events"), " 404 "));
}

TEST_F(LivePageTest, WatcherThatComesBackGoesOnWhereItWas) {
  start();
  auto source = stream();
  source.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  std::string last;
  {
    auto page = watch();
    event(page, "window");
    source.send(chunk("{\"y\":2}\n"));
    last = event(page, "points").first;
  }
  source.send(chunk("{\"y\":3}\n")).send(chunk("{\"y\":4}\n"));
  plots_with("\"lines\":4");
  auto page = watch("Last-Event-ID: " + last + "\r\n");
  page.read_until("id: ");
  EXPECT_TRUE(has(page.read_until("\n\n"), R"({"append":{"y":[3,4]}})"));
}

TEST_F(LivePageTest, WatcherWhoseEventsAreOfAnotherProcessStartsAnew) {
  start();
  auto source = stream();
  source.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  for (const char* const id : {"1", "12345-1", "rubbish", "-1"}) {
    auto page = watch("Last-Event-ID: " + std::string(id) + "\r\n");
    page.read_until("\nevent: ");
    EXPECT_EQ(page.read_until("\n"), "window\n") << id;
  }
}

TEST_F(LivePageTest, WatcherThatReadsNothingDoesNotHoldUpTheOthersAndIsToldAnew) {
  start();
  auto source = stream();
  source.send(chunk("{\"y\":0}\n"));
  plots_with("\"lines\":1");
  auto slow = watch("", 4096);
  slow.read_until("event: window");
  auto quick = watch();
  event(quick, "window");
  // More than the sockets and the feed hold.
  const std::string text(200'000, 'a');
  for (int i = 1; i <= 30; ++i) {
    source.send(chunk("{\"y\":" + std::to_string(i) + ",\"text\":\"" + text + "\"}\n"));
    std::string data;
    do {
      data = quick.read_until("\n\n");
    } while (!has(data, "\"y\":[" + std::to_string(i) + "]") &&
             !has(data, "," + std::to_string(i) + "]"));
  }
  // What it reads at last is old events first, then a window, not the 30 frames in between.
  std::string data;
  int points = 0;
  do {
    data = slow.read_until("\n\n");
    if (has(data, "event: points")) ++points;
  } while (!has(data, ",30]"));
  EXPECT_TRUE(has(data, "event: window"));
  EXPECT_LT(points, 30);
}

TEST_F(LivePageTest, NumberOfWatchersIsBounded) {
  EndpointServer::Options limits;
  limits.max_watchers = 1;
  start({}, limits);
  auto source = stream();
  plots_with("\"id\":1");
  auto first = watch();
  first.read_until("event: window");
  auto second = watch();
  second.read_until("event: window");
  // The oldest goes, and is told to come back later; nothing takes places for ever.
  EXPECT_TRUE(has(first.read_to_end(), "retry: 30000"));
  EXPECT_EQ(server->stats().watchers, 1U);
  EXPECT_EQ(ended(ConnectionEnd::kWatchers), 1U);
}

TEST_F(LivePageTest, ServerThatStopsEndsItsWatchers) {
  start();
  auto source = stream();
  plots_with("\"id\":1");
  auto page = watch();
  page.read_until("event: window");
  server.reset();
  page.read_to_end();
}

}  // namespace
}  // namespace plotbridge::http
