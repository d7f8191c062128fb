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
  on_loop([&] { transport_->open(std::nullopt); });
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kNoReach);
  EXPECT_NE(ending.detail.find("onnect"), std::string::npos) << ending.detail;
}

TEST_F(CurlTransportTest, RedirectIsAnEndAndTheTokenStaysHere) {
  for (const char* status : {"301", "302", "303", "307", "308"}) {
    test::RawPeer elsewhere;
    open();
    peer_.write(
        "HTTP/1.1 " + std::string(status) +
        " Elsewhere\r\nLocation: http://edge:x@127.0.0.1:" + std::to_string(elsewhere.port()) +
        "/abcdefghij/?token=abcdefghij\r\nContent-Length: 0\r\n\r\n");
    const stream::Ending ending = wait_for_ending(2s);
    EXPECT_EQ(std::to_string(ending.status), status);
    EXPECT_EQ(ending.location, elsewhere.url() + "[token]/");
    EXPECT_FALSE(elsewhere.has_caller());
  }
}

TEST_F(CurlTransportTest, EndpointThatRepeatsTheTokenDoesNotGetItIntoOurLogs) {
  open();
  peer_.write("HTTP/1.1 404 Not Found\r\nContent-Length: 250\r\n\r\n" + std::string(195, 'x') +
              "abcdefghij" + std::string(45, 'y'));
  EXPECT_EQ(wait_for_ending(2s).detail, std::string(195, 'x') + "[token]");
  for (const char* garbage :
       {"HTTP/1.1 abcdefghij\r\n\r\n", "abcdefghij\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: abcdefghij\r\n\r\nabcdefghij"}) {
    open();
    peer_.write(garbage);
    peer_.close();
    EXPECT_EQ(wait_for_ending(2s).detail.find("abcdefghij"), std::string::npos) << garbage;
  }
}

TEST_F(CurlTransportTest, AnswerTellsWhetherTheEndpointNamesItsEvictions) {
  open();
  peer_.write("HTTP/1.1 409 Conflict\r\nstream-close: fenced\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(wait_for_ending(2s).names_evictions);
  open();
  peer_.write("HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n");
  EXPECT_FALSE(wait_for_ending(2s).names_evictions);
}

TEST_F(CurlTransportTest, ProbeIsAConnectionWithoutARequest) {
  on_loop([&] { transport_->probe(); });
  peer_.accept();
  EXPECT_EQ(peer_.read_to_end(), "");
  EXPECT_EQ(wait_for_ending(2s).how, How::kReached);
  EXPECT_FALSE(client_.connected);
  open();  // and nothing of it stays
  send("{}\n");
  peer_.read_until("{}\n");
}

TEST_F(CurlTransportTest, ProbeTellsWhatAnOpenWould) {
  options_.url = test::RawPeer().url();
  on_loop([&] { transport_->probe(); });
  EXPECT_EQ(wait_for_ending().how, How::kNoReach);
}

TEST_F(CurlTransportTest, FloodOfInterimAnswersEndsTheTransfer) {
  open();
  std::string flood;
  for (int i = 0; i < 1000; ++i) flood += "HTTP/1.1 102 Processing\r\nX: y\r\n\r\n";
  write_until_ended(flood);
  EXPECT_EQ(wait_for_ending().how, How::kReset);
}

TEST_F(CurlTransportTest, HeadWithoutEndEndsTheTransfer) {
  open();
  peer_.write("HTTP/1.1 103 Early Hints\r\n");
  write_until_ended("X-Filler: " + std::string(1000, 'x') + "\r\n");
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.how, How::kReset);
  EXPECT_EQ(ending.detail, "the answer's head is longer than 64 KiB");
}

TEST_F(CurlTransportTest, HeaderWithoutEndEndsTheTransfer) {
  open();
  peer_.write("HTTP/1.1 200 OK\r\nX: ");
  write_until_ended(std::string(10'000, 'x'));
  EXPECT_EQ(wait_for_ending().status, 200);
}

TEST_F(CurlTransportTest, BodyWithoutEndEndsTheTransferAlsoWhenItAnswersOurEnd) {
  open();
  on_loop([&] { transport_->finish(); });
  peer_.read_until("0\r\n\r\n");
  peer_.write("HTTP/1.1 200 OK\r\n\r\n");
  write_until_ended(std::string(10'000, 'x'));
  const stream::Ending ending = wait_for_ending();
  EXPECT_EQ(ending.status, 200);
  EXPECT_EQ(ending.detail, std::string(200, 'x'));
}

TEST_F(CurlTransportTest, AnswerThatTricklesIsNotWaitedForWhenItAnswersOurEnd) {
  open();
  on_loop([&] { transport_->finish(); });
  peer_.read_until("0\r\n\r\n");
  peer_.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslow");
  const stream::Ending ending = wait_for_ending(5s);
  EXPECT_EQ(ending.status, 200);
  EXPECT_EQ(ending.detail, "slow");
}

TEST_F(CurlTransportTest, PeerThatTakesNothingForAWhileLosesNothing) {
  test::RawPeer slow("127.0.0.1", 8192);
  options_.url = slow.url();
  on_loop([&] { transport_->open(std::nullopt); });
  slow.accept();
  slow.read_until("\r\n\r\n");
  // Its window stays closed over several probes, each twice as long after the one before.
  fill_up();
  EXPECT_FALSE(ended_within(5s));
  client_.note([&] { client_.to_send.resize(client_.sent); });
  send("the last\n");
  slow.skip_until("the last\n");
  expect_acknowledged(client_.chunk_bytes);
}

}  // namespace
}  // namespace plotbridge::http
