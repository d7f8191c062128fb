// Concern: what the admin tells of a stream is what `status` reads, and anything else is refused.
#include "plugin/app/status_report.h"

#include "plugin/app/admin.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace plotbridge::app {
namespace {

const WallTime kThen{std::chrono::milliseconds(1'795'452'000'123)};

std::string status_of(MetricsInput input, Admin::Reader reader = Admin::Reader::kOfThisMachine) {
  return Admin({[&] { return input; }, [] { return std::string_view(); }})
      .get("/status", reader)
      .body;
}

TEST(StatusReport, RefusesTimesThatNoClockTells) {
  const auto with_time = [](const std::string& time) {
    return parse_status(R"({"broker":{"url":"b","connected":true,"since":")" + time +
                        R"(","reconnects":0,"problem":null},"streams":[]})");
  };
  EXPECT_TRUE(with_time("2026-11-23T16:40:00.123Z"));
  for (const char* time : {"9999-01-01T00:00:00.000Z", "1677-01-01T00:00:00.000Z",
                           "2026-11-23T-1:40:00.123Z", "2026-11-23T16:99:00.123Z"}) {
    EXPECT_FALSE(with_time(time)) << time;
  }
}

TEST(StatusReport, ReadsWhatTheAdminSays) {
  MetricsInput input;
  input.broker = BrokerStatus{"mqtt://b", true, kThen, 3, 0, "the broker refuses a/#"};
  StreamStatus stream;
  stream.name = "boiler \xFF";
  stream.state = stream::State::kParked;
  stream.since = kThen;
  stream.queued = 5;
  stream.lines_per_second = 19.96;
  stream.closes[static_cast<std::size_t>(stream::CloseReason::kEvicted)] = 4;
  input.streams = {stream, stream};
  input.spool.emplace();
  input.spool->bytes = 3 << 20;
  input.spool->oldest_age = std::chrono::milliseconds(1500);
  input.spool->degraded = true;
  input.streams[1].last_close = {stream::CloseReason::kRefused, "404", kThen};

  const auto report = parse_status(status_of(input));
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->broker);
  EXPECT_EQ(report->broker->url, "mqtt://b");
  EXPECT_TRUE(report->broker->connected);
  EXPECT_EQ(report->broker->since, kThen);
  EXPECT_EQ(report->broker->reconnects, 3u);
  EXPECT_EQ(report->broker->problem, "the broker refuses a/#");
  ASSERT_TRUE(report->spool);
  EXPECT_EQ(report->spool->bytes, 3U << 20);
  EXPECT_EQ(report->spool->oldest_age_seconds, 1.5);
  EXPECT_TRUE(report->spool->degraded);
  ASSERT_EQ(report->streams.size(), 2u);
  const auto& read = report->streams[0];
  EXPECT_EQ(read.name, "boiler \uFFFD");
  EXPECT_EQ(read.state, "parked");
  EXPECT_EQ(read.since, kThen);
  EXPECT_EQ(read.queued, 5u);
  EXPECT_EQ(read.lines_per_second, 20);
  EXPECT_EQ(read.evictions, 4u);
  EXPECT_FALSE(read.last_close);
  ASSERT_TRUE(report->streams[1].last_close);
  EXPECT_EQ(report->streams[1].last_close->reason, "refused");
  EXPECT_EQ(report->streams[1].last_close->at, kThen);
}

TEST(StatusReport, ShowsARefusedLineOnThisMachineAlone) {
  MetricsInput input;
  input.streams.emplace_back();
  input.streams[0].last_put_aside = {kThen, "422", "{\"y\":\"published\"}"};
  const std::string here = status_of(input);
  EXPECT_NE(here.find("published"), std::string::npos) << here;
  const std::string elsewhere = status_of(input, Admin::Reader::kOther);
  EXPECT_EQ(elsewhere.find("published"), std::string::npos) << elsewhere;
  const auto report = parse_status(elsewhere);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->streams[0].put_aside);
  EXPECT_EQ(report->streams[0].put_aside->why, "422");
  EXPECT_EQ(report->streams[0].put_aside->line, "");
}

MetricsInput with_errors() {
  MetricsInput input;
  input.broker = BrokerStatus{"mqtt://b", true, kThen, 0, 7, ""};
  input.pipeline.emplace();
  input.pipeline->unrouted = 5;
  RouteCounts good;
  good.topic = "good";
  good.messages = 12;
  good.points = 24;
  RouteCounts bad;
  bad.topic = "bad";
  bad.decode_errors = {{"json", 2}, {"too_large", 3}};
  bad.last_error = RouteError{"json", "found \"published\"", 9, kThen};
  input.pipeline->routes = {good, bad};
  return input;
}

TEST(StatusReport, SaysOfEachRouteWhatCouldNotBeDecoded) {
  const std::string status = status_of(with_errors());
  EXPECT_NE(status.find(R"("messages":{"unrouted":5,"oversize":7,"poison":3})"), std::string::npos)
      << status;
  EXPECT_NE(
      status.find(R"({"topic":"good","messages":12,"points":24,"errors":{},"last_error":null})"),
      std::string::npos)
      << status;
  const auto report = parse_status(status);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->messages);
  EXPECT_EQ(report->messages->unrouted, 5u);
  EXPECT_EQ(report->messages->oversize, 7u);
  EXPECT_EQ(report->messages->poison, 3u);
  ASSERT_EQ(report->routes.size(), 2u);
  EXPECT_EQ(report->routes[0].errors, 0u);
  EXPECT_EQ(report->routes[1].topic, "bad");
  EXPECT_EQ(report->routes[1].errors, 5u);
  EXPECT_EQ(report->routes[1].kinds, "json 2, too_large 3");
  ASSERT_TRUE(report->routes[1].last);
  EXPECT_EQ(report->routes[1].last->kind, "json");
  EXPECT_EQ(report->routes[1].last->why, "found \"published\"");
  EXPECT_EQ(report->routes[1].last->at, kThen);
}

TEST(StatusReport, ShowsWordsOfAPayloadOnThisMachineAlone) {
  const std::string elsewhere = status_of(with_errors(), Admin::Reader::kOther);
  EXPECT_EQ(elsewhere.find("published"), std::string::npos) << elsewhere;
  const auto report = parse_status(elsewhere);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_TRUE(report->routes[1].last);
  EXPECT_EQ(report->routes[1].last->kind, "json");
  EXPECT_EQ(report->routes[1].last->why, "");
}

TEST(StatusReport, AnOlderDaemonSaysNothingOfRoutes) {
  const auto report = parse_status(R"({"broker":null,"streams":[]})");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_FALSE(report->messages);
  EXPECT_TRUE(report->routes.empty());
}

TEST(StatusReport, DaemonWithoutBrokerAndStreams) {
  const auto report = parse_status(status_of({}));
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->broker);
  EXPECT_FALSE(report->spool);
  EXPECT_TRUE(report->streams.empty());
}

TEST(StatusReport, WhatIsNoStatusIsNotUnderstood) {
  const std::string broker = R"({"broker":null,"streams":)";
  for (const std::string& odd :
       {std::string(), std::string("<html>"), std::string("[]"), std::string("{}"),
        std::string("{\"broker\":null}"), broker + "[1]}", broker + "[{\"name\":\"a\"}]}",
        broker + R"([{"name":"a","state":"live","since":"yesterday"}]})"}) {
    const auto report = parse_status(odd);
    ASSERT_FALSE(report) << odd;
    EXPECT_FALSE(report.error().message.empty());
  }
}

}  // namespace
}  // namespace plotbridge::app
