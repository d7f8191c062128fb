// Concern: every way in which an endpoint can end a stream is noticed at once, also on an idle
// stream, where libcurl alone would stay silent for ever.
#include "tests/http/curl_transport_fixture.h"

namespace plotbridge::http {
namespace {

TEST_F(CurlTransportTest, RequestIsThePostThatStreamingEndpointsExpect) {
  open();
  const std::string head = peer_.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("POST / HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("plotly-streamtoken: abcdefghij\r\n"), std::string::npos) << head;
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_EQ(head.find("Expect"), std::string::npos) << head;
  EXPECT_EQ(head.find("Content-Type"), std::string::npos) << head;
}

TEST_F(CurlTransportTest, WhatIsResumedGoesAsOneChunk) {
  open();
  send("{\"y\":1}\n{\"y\":2}\n");
  peer_.read_until("\r\n\r\n10\r\n{\"y\":1}\n{\"y\":2}\n\r\n");
  send("\n");
  peer_.read_until("1\r\n\n\r\n");
}

TEST_F(CurlTransportTest, FinOnAnIdleStreamIsNoticed) {
  open();
  peer_.close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
}

TEST_F(CurlTransportTest, HalfCloseIsNoticed) {
  open();
  send("{}\n");
  peer_.read_until("{}\n");
  peer_.half_close();
  EXPECT_EQ(wait_for_ending(2s).how, How::kFin);
}

TEST_F(CurlTransportTest, ResetIsNoticed) {
  open();
  peer_.reset();
  EXPECT_EQ(wait_for_ending(2s).how, How::kReset);
}

TEST_F(CurlTransportTest, AnswerBeforeTheEndIsTheEndEvenWhenTheConnectionStays) {
  open();
  peer_.write("HTTP/1.1 423 Locked\r\nContent-Length: 4\r\nRetry-After: 7\r\n\r\nbusy");
  const stream::Ending ending = wait_for_ending(2s);
  EXPECT_EQ(ending.how, How::kStatus);
  EXPECT_EQ(ending.status, 423);
  EXPECT_EQ(ending.retry_after, 7s);
  EXPECT_EQ(ending.detail, "busy");
}

TEST_F(CurlTransportTest, AnswerAndCloseTogetherGiveTheAnswer) {
  open();
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  peer_.close();
  EXPECT_EQ(wait_for_ending(2s).status, 200);
}

TEST_F(CurlTransportTest, InterimAnswerIsNotTheEnd) {
  open();
  peer_.write("HTTP/1.1 102 Processing\r\n\r\n");
  send("{}\n");
  peer_.read_until("{}\n");
  peer_.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending(2s).status, 404);
}

TEST_F(CurlTransportTest, FinishedStreamEndsItsBodyAndGetsTheAnswer) {
  open();
  send("{}\n");
  peer_.read_until("{}\n");
  on_loop([&] { transport_->finish(); });
  peer_.read_until("0\r\n\r\n");
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending().status, 200);
}

TEST_F(CurlTransportTest, AcknowledgedBytesAreThoseOfTheChunks) {
  open();
  send("{\"y\":1}\n");
  peer_.read_until("{\"y\":1}\n\r\n");
  peer_.close();
  wait_for_ending();
  EXPECT_EQ(client_.acknowledged, static_cast<std::int64_t>(stream::chunk_wire_size(8)));
}

TEST_F(CurlTransportTest, RefusedConnectionSaysSo) {
  // A port that was free a moment ago.
  options_.url = test::RawPeer().url();
  on_loop([&] { transport_->open(); });
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  EXPECT_NE(ending.detail.find("onnect"), std::string::npos) << ending.detail;
}

TEST_F(CurlTransportTest, RedirectIsAnEndAndTheTokenStaysHere) {
  test::RawPeer elsewhere;
  open();
  peer_.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: " + elsewhere.url() +
              "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(wait_for_ending(2s).status, 307);
  EXPECT_FALSE(elsewhere.has_caller());
}

}  // namespace
}  // namespace plotbridge::http
