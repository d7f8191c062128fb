// Concern: a GET ends, whatever the other side does, and says why it failed.
#include "plugin/http/http_get.h"

#include "plugin/http/http_server.h"

#include "tests/support/raw_peer.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

class HttpGetTest : public testing::Test {
 protected:
  HttpGetTest() {
    const auto bound = server.listen("127.0.0.1", 0);
    url = "http://127.0.0.1:" + std::to_string(bound.value_or(0));
    loop.start();
  }
  static ErrorKind failure(const Result<std::string>& result) {
    EXPECT_FALSE(result) << *result;
    if (result) return {};
    EXPECT_FALSE(result.error().message.empty());
    return result.error().kind;
  }

  ServerLoop loop;
  HttpServer server{loop, [](const HttpRequest& request) {
                      HttpResponse response;
                      if (request.path == "/moved") {
                        response.status = 308;
                        response.headers = {{"Location", "/"}};
                      }
                      response.body = std::string(1000, 'x') + request.method;
                      return response;
                    }};
  std::string url;
};

TEST_F(HttpGetTest, GivesTheBody) {
  EXPECT_EQ(http_get(url + "/").value_or(""), std::string(1000, 'x') + "GET");
}

TEST_F(HttpGetTest, AsksNoProxy) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(http_get(url + "/"));
  ::unsetenv("http_proxy");
}

TEST_F(HttpGetTest, AnotherStatusIsAFailureAndNotFollowed) {
  EXPECT_EQ(failure(http_get(url + "/moved")), ErrorKind::kRefused);
}

TEST_F(HttpGetTest, BodyBeyondTheLimitIsAFailure) {
  EXPECT_TRUE(http_get(url + "/", {5s, 1003}));
  EXPECT_EQ(failure(http_get(url + "/", {5s, 1002})), ErrorKind::kInvalid);
}

TEST_F(HttpGetTest, NobodyThereIsUnavailable) {
  std::string gone;
  {
    const test::RawPeer peer;
    gone = peer.url();
  }
  EXPECT_EQ(failure(http_get(gone)), ErrorKind::kUnavailable);
}

TEST_F(HttpGetTest, SilenceIsUnavailable) {
  const test::RawPeer silent;
  EXPECT_EQ(failure(http_get(silent.url(), {50ms, 1000})), ErrorKind::kUnavailable);
}

TEST_F(HttpGetTest, WhatIsNoUrlOfTheWebIsInvalid) {
  EXPECT_EQ(failure(http_get("file:///etc/passwd")), ErrorKind::kInvalid);
  EXPECT_EQ(failure(http_get("http://[")), ErrorKind::kInvalid);
}

}  // namespace
}  // namespace plotbridge::http
