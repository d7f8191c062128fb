// Concern: a server that stops tells those who stream to it so, also those who go on sending, and
// does not wait long for any of them.
#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

class ServerStopTest : public NumberedClientTest {};

TEST_F(ServerStopTest, IsToldToWhoWaitsBetweenTwoLines) {
  start();
  auto sender = stream();
  sender.send(chunk("{\"y\":1}\n"));
  plots_with("\"lines\":1");
  std::string answer;
  std::thread reader([&] {
    answer = sender.read_to_end();
    sender.close();
  });
  server->stop();
  reader.join();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_TRUE(has(answer, "the server stops")) << answer;
  EXPECT_EQ(server->stats().closes[static_cast<std::size_t>(StreamEnd::kRestart)], 1U);
}

TEST_F(ServerStopTest, IsToldToWhoGoesOnSending) {
  start();
  auto sender = stream();
  std::thread client([&] {
    // Until the server says something; what it has said by then is not lost to a reset.
    for (int i = 0; i < 100'000 && !sender.has_something(); ++i) {
      sender.send(chunk("{\"y\":1}\n"));
    }
    for (int i = 0; i < 100; ++i) sender.send(chunk("{\"y\":1}\n"));
    EXPECT_TRUE(has(sender.read_to_end(), " 503 "));
    sender.close();
  });
  plots_with("\"state\":\"live\"");
  server->stop();
  client.join();
}

TEST_F(ServerStopTest, WaitsForNobodyWhoNeitherReadsNorGoes) {
  start();
  auto sender = stream();
  plots_with("\"state\":\"live\"");
  const auto begin = std::chrono::steady_clock::now();
  server->stop();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
  EXPECT_TRUE(has(sender.read_to_end(), " 503 "));
}

TEST_F(ServerStopTest, LeavesTheLastWordToWhoNumbersHisLines) {
  start();
  auto sender = bridge(0);
  sender.send(chunk(lines(0, 2)));
  sender.read_until(have_line("[0,2]"));
  server->stop();
  loop.stop();
  server.reset();
  EXPECT_EQ(sender.read_to_end(), last_word("", "restart", 503));
}

}  // namespace
}  // namespace plotbridge::http
