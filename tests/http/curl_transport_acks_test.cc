// Concern: where acknowledgements are asked for, an early 200 with Stream-Ack is no end, they
// arrive while lines flow and while none do, and the last one tells how it ended.
#include "tests/http/curl_transport_fixture.h"

namespace plotbridge::http {
namespace {

constexpr std::string_view kAcknowledges =
    "HTTP/1.1 200 OK\r\nStream-Ack: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

class CurlTransportAcksTest : public CurlTransportTest {
 protected:
  std::string open_from(std::uint64_t first_line) {
    options_.producer = "f3a1";
    options_.epoch = 7;
    on_loop([&] { transport_->open(first_line); });
    peer_.accept();
    return peer_.read_until("\r\n\r\n");
  }
  void write_chunk(const std::string& text) {
    std::array<char, 20> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
    peer_.write(size.data() + text + "\r\n");
  }
  using Ranges = std::vector<OffsetRange>;
  void wait_for_have(const Ranges& ranges) {
    std::unique_lock lock(client_.mutex);
    EXPECT_TRUE(client_.changed.wait_for(
        lock, 10s, [&] { return !client_.have.empty() && client_.have.back() == ranges; }));
  }
};

TEST_F(CurlTransportAcksTest, TheRequestSaysWhoCountsAndFromWhere) {
  const std::string head = open_from(41);
  EXPECT_NE(head.find("Stream-Producer: f3a1\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Stream-Epoch: 7\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Stream-Seq: 41\r\n"), std::string::npos) << head;
}

TEST_F(CurlTransportAcksTest, TheyComeWhileLinesFlowAndWhileNoneDo) {
  open_from(0);
  peer_.write(kAcknowledges);
  write_chunk("{\"have\": []}\n");
  send("{}\n");
  peer_.read_until("{}\n");
  write_chunk("{\"have\": [[0,1]]}\n");
  wait_for_have({{0, 1}});
  send("{\"y\":2}\n");
  peer_.read_until("{\"y\":2}\n");
  write_chunk("{\"have\": [[7,9]]}\n");
  write_chunk("{\"ha");
  write_chunk("ve\": [[0,2],[7,9]]}\n");
  wait_for_have({{0, 2}, {7, 9}});
  EXPECT_EQ(client_.have, (std::vector<Ranges>{{}, {{0, 1}}, {{7, 9}}, {{0, 2}, {7, 9}}}));
  EXPECT_FALSE(ended_within(200ms)) << "the 200 is no end";
}

TEST_F(CurlTransportAcksTest, TheLastOneTellsHowItEnded) {
  open_from(0);
  peer_.write(kAcknowledges);
  send("{}\n");
  peer_.read_until("{}\n");
  write_chunk("{\"have\": [[0,1]], \"close\": \"evicted\", \"status\": 423}\n");
  peer_.write("0\r\n\r\n");
  peer_.half_close();
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.how, How::kStatus);
  EXPECT_EQ(ending.status, 423);
  EXPECT_EQ(ending.close, "evicted");
  EXPECT_EQ(client_.have, (std::vector<Ranges>{{{0, 1}}})) << "before it is told";
  EXPECT_TRUE(ending.names_evictions);
}

TEST_F(CurlTransportAcksTest, TheEndOfOurOwnIsAnsweredByTheLastOne) {
  open_from(0);
  peer_.write(kAcknowledges);
  send("{}\n");
  on_loop([&] { transport_->finish(); });
  peer_.read_until("0\r\n\r\n");
  write_chunk("{\"have\": [[0,1]], \"close\": \"done\", \"status\": 200}\n");
  EXPECT_EQ(wait_for_ending(2s).status, 200);
}

TEST_F(CurlTransportAcksTest, AConnectionThatIsCutEndsWithWhatWasAcknowledged) {
  open_from(0);
  peer_.write(kAcknowledges);
  send("{}\n{}\n");
  peer_.read_until("{}\n{}\n");
  write_chunk("{\"have\": [[0,1]]}\n");
  wait_for_have({{0, 1}});
  peer_.close();
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_NE(ending.how, How::kStatus);
}

TEST_F(CurlTransportAcksTest, ABadLineIsNamed) {
  open_from(0);
  peer_.write(kAcknowledges);
  write_chunk("{\"have\": [[0,4]], \"close\": \"bad-line\", \"status\": 422, \"seq\": 4}\n");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.status, 422);
  EXPECT_EQ(ending.close, "bad-line");
  EXPECT_EQ(ending.bad_line, 4u);
}

TEST_F(CurlTransportAcksTest, AFencedOneIsTold) {
  open_from(100);
  peer_.write("HTTP/1.1 409 Conflict\r\nStream-Close: fenced\r\nContent-Length: 0\r\n\r\n");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.status, 409);
  EXPECT_EQ(ending.bad_line, std::nullopt);
  EXPECT_EQ(ending.close, "fenced");
}

TEST_F(CurlTransportAcksTest, A200WithoutStreamAckIsAnEndAsEver) {
  open_from(0);
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending(2s).status, 200);
}

TEST_F(CurlTransportAcksTest, WhatIsNoAcknowledgementEndsTheConnection) {
  open_from(0);
  peer_.write(kAcknowledges);
  write_chunk("healthy endpoint disconnect\n");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.how, How::kReset);
  EXPECT_NE(ending.detail.find("cannot be read"), std::string::npos) << ending.detail;
}

}  // namespace
}  // namespace plotbridge::http
