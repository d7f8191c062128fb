// Concern: one deadline for all parts of an answer, which stops while the reader waits for his
// turn; and an answer that is cut off does not look like a whole one.
#include "plugin/base/clock.h"
#include "plugin/endpoint/part_reader.h"
#include "plugin/http/tcp_connection.h"

#include "tests/http/raw_client.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

class CountedReader : public endpoint::PartReader {
 public:
  explicit CountedReader(int most) : most_(most) {}
  int parts = 0;
  std::size_t end_bytes = 0;  // of the last part, which then ends it; 0: it is lost there

 private:
  bool lost() const override { return parts == most_ && end_bytes == 0; }
  bool append_piece(std::size_t room, TimePoint, std::string& out) override {
    const bool last = ++parts == most_ && end_bytes > 0;
    out.append(last ? end_bytes : room, 'a');
    return !last;
  }
  int most_;
};

class PartsDeadlineTest : public testing::Test, public TcpConnection::Owner {
 protected:
  void on_head(TcpConnection& asking, const RequestHead& head, TimePoint) override {
    if (proved) asking.prove(Standing::kProved);
    if (continues) asking.write("HTTP/1.1 100 Continue\r\n\r\n");
    HttpResponse response;
    response.rest = reader;
    asking.answer(std::move(response), head);
  }
  void on_bad_head(TcpConnection&, std::string_view, TimePoint) override {}
  void on_wait_for_turn(TcpConnection&) override { ++waits; }
  void on_limit(TcpConnection&, ConnectionEnd why) override { limit = why; }
  void on_failure(TcpConnection&, std::string_view what) override { ADD_FAILURE() << what; }
  void on_closed(ConnectionId) override { closed = true; }

  void ask(int most_parts, std::string_view version = "1.1") {
    reader = std::make_shared<CountedReader>(most_parts);
    reader->end_bytes = end_bytes;
    Tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    client.emplace(acceptor.local_endpoint().port(), 4096);
    Tcp::socket socket = acceptor.accept();
    socket.set_option(asio::socket_base::send_buffer_size(4096));
    connection = std::make_shared<TcpConnection>(
        1, std::move(socket),
        std::make_shared<const ServerPort>(ServerPort{HostGuard("127.0.0.1", true), nullptr}),
        *this, budget);
    connection->start(steady_now());
    client->send("GET / HTTP/" + std::string(version) + "\r\nHost: localhost\r\n\r\n");
    while (reader->parts == 0 && waits == 0) io.run_one();
  }
  /// The client reads until another part is on its way, or it is closed.
  void read_a_part() {
    for (const int before = reader->parts; reader->parts == before && !closed;) {
      io.poll();
      if (client->has_something()) client->read_something();
    }
  }

  asio::io_context io;
  ConnectionBudget budget{{4, 4, 4, 4, 1 << 22, 1 << 22}, [](ConnectionId, ConnectionEnd) {}};
  std::shared_ptr<CountedReader> reader;
  std::optional<RawClient> client;
  std::shared_ptr<TcpConnection> connection;
  std::optional<ConnectionEnd> limit;
  bool proved = true;
  bool continues = false;
  std::size_t end_bytes = 0;
  int waits = 0;
  bool closed = false;
};

TEST_F(PartsDeadlineTest, WhoIsSlowIsEndedThoughHeReadsEachPart) {
  const TimePoint begin = steady_now();
  ask(1000);
  // Each part of 64 KiB moves the deadline of 30 s by 2 s, and he takes 5 s.
  while (!closed && reader->parts < 100) {
    read_a_part();
    connection->sweep(begin + 5s * reader->parts);
  }
  EXPECT_TRUE(closed);
  EXPECT_EQ(limit, ConnectionEnd::kSlowReader);
  EXPECT_GE(reader->parts, 10);
  EXPECT_LE(reader->parts, 12);
}

TEST_F(PartsDeadlineTest, WhoReadsFastEnoughIsNot) {
  const TimePoint begin = steady_now();
  ask(1000);
  while (!closed && reader->parts < 100) {
    read_a_part();
    connection->sweep(begin + 1s * reader->parts);
  }
  EXPECT_FALSE(closed);
  connection->close();
}

TEST_F(PartsDeadlineTest, WaitingForATurnIsNobodysSlowness) {
  proved = false;
  ask(1000);
  EXPECT_EQ(waits, 1);
  EXPECT_EQ(reader->parts, 0) << "nothing is made before";
  connection->sweep(steady_now() + 1h);
  ASSERT_FALSE(closed);
  connection->on_turn(steady_now());
  EXPECT_EQ(reader->parts, 1);
  connection->on_turn(steady_now());
  EXPECT_EQ(reader->parts, 1) << "the part is on its way";
  while (waits < 2) {
    io.poll();
    if (client->has_something()) client->read_something();
  }
  EXPECT_LT(budget.load().unproved_bytes, 8U << 10) << "what was sent is not held any more";
  connection->sweep(steady_now() + 1h);
  ASSERT_FALSE(closed);
  connection->on_turn(steady_now());
  connection->sweep(steady_now() + 40s);
  EXPECT_TRUE(closed) << "now it is his to read";
}

TEST_F(PartsDeadlineTest, AnOldReaderCanTellACutFromTheEnd) {
  ask(5, "1.0");
  while (!closed) read_a_part();
  EXPECT_EQ(reader->parts, 5);
  while (!client->read_something().empty()) {
  }
  EXPECT_FALSE(client->ended_in_order());
}

TEST_F(PartsDeadlineTest, AnOldReaderCanTellALastPartThatFoundNoRoomFromTheEnd) {
  ConnectionBudget::Share other(budget, 2, {}, 0);
  ASSERT_TRUE(other.prove(Standing::kProved) && other.try_hold(std::size_t{3} << 20));
  end_bytes = std::size_t{2} << 20;  // of 4 MiB for all
  ask(5, "1.0");
  while (!closed) read_a_part();
  EXPECT_EQ(limit, ConnectionEnd::kMemory);
  while (!client->read_something().empty()) {
  }
  EXPECT_FALSE(client->ended_in_order());
}

TEST_F(PartsDeadlineTest, WhoIsStillBeingSentSomethingWaitsForOneTurn) {
  proved = false;
  continues = true;
  ask(1000);
  while (connection->writing()) io.run_one();
  EXPECT_EQ(waits, 1);
  connection->close();
}

TEST_F(PartsDeadlineTest, WhatIsLostBeforeAnythingWasSentIsToldSo) {
  proved = false;
  ask(0);
  connection->on_turn(steady_now());
  while (connection->writing()) io.run_one();
  EXPECT_NE(client->read_until("ask again").find(" 503 "), std::string::npos);
  connection->close();
}

}  // namespace
}  // namespace plotbridge::http
