// Concern: what `plotbridge status` prints can be read at a glance, whatever the streams are called
// and whatever an endpoint said of them.
#include "plugin/app/status_table.h"

#include <gtest/gtest.h>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'795'452'000'123)};

StatusReport::Broker broker() { return {"mqtt://127.0.0.1:1883", true, kNow - 3h - 5min, 2, ""}; }

TEST(StatusTable, Golden) {
  StatusReport report;
  report.broker = broker();
  report.streams = {
      {"boiler", "live", kNow - 45s, 19.96, 0, 0, 0, std::nullopt},
      {"hall.north.conveyor.7.motor.winding.temperature", "waiting", kNow - 200s, 0, 10'000,
       1'234'567, 12, StatusReport::Close{"network", "the connection broke", kNow - 200s}},
      {"m\u00fchle", "parked", kNow - 99h, 0, 7, 0, 1,
       StatusReport::Close{
           "refused",
           "the endpoint answered 404 (streamtoken not registered or valid), and it "
           "went on to say\n\x1b[31mthat\u009b it was red",
           kNow - 99h}},
  };
  EXPECT_EQ(status_table(report, kNow),
            "STREAM                                           STATE    SINCE  LINES/S  QUEUED  "
            "SPOOLED  EVICTIONS  LAST REASON\n"
            "boiler                                           live       45s     20.0       0      "
            "  0          0  -\n"
            "hall.north.conveyor.7.motor.winding.temperature  waiting  3m20s      0.0   10000  "
            "1234567         12  network 3m20s ago: the connection broke\n"
            "m\u00fchle                                            parked   4d03h      0.0       7 "
            "       0          1  refused 4d03h ago: the endpoint answered 404 (streamtoken not "
            "registered or valid), and it went on to say  [31mthat  it was red\n"
            "\n"
            "broker mqtt://127.0.0.1:1883: connected for 3h05m, 2 reconnects\n");
}

TEST(StatusTable, RefusedLinesAreShownBelow) {
  StatusReport report;
  report.streams = {{"boiler", "live", kNow - 45s, 20, 0, 0, 0, std::nullopt,
                     StatusReport::PutAside{2, "the endpoint answered 422 (json parse error)",
                                            "{\"y\":1}", kNow - 10s}}};
  EXPECT_TRUE(status_table(report, kNow)
                  .ends_with("\n\nboiler: 2 lines put aside, the last 10s ago: the endpoint "
                             "answered 422 (json parse error): {\"y\":1}\nno broker is "
                             "configured\n"));
}

TEST(StatusTable, TheSpoolHasALineAndSaysWhenItsDiskFails) {
  StatusReport report;
  report.streams = {{"boiler", "waiting", kNow - 45s, 20, 0, 7, 0, std::nullopt}};
  report.spool = {3 << 19, 7500, false};
  EXPECT_TRUE(status_table(report, kNow)
                  .ends_with("\n\nspool: 1.5 MiB, the oldest line waits for 2h05m\n"
                             "no broker is configured\n"));
  report.spool = {3 << 19, 1e300, false};  // what another program may answer
  EXPECT_NE(status_table(report, kNow).find("the oldest line waits for 11574d01h\n"),
            std::string::npos);
  report.spool = {0, 0, false};
  EXPECT_NE(status_table(report, kNow).find("\n\nspool: 0.0 MiB\n"), std::string::npos);
  report.spool->degraded = true;
  EXPECT_NE(
      status_table(report, kNow).find("\n\nspool: 0.0 MiB; its disk fails, the log says why\n"),
      std::string::npos);
}

TEST(StatusTable, RoutesWithErrorsAndLostMessagesHaveALine) {
  StatusReport report;
  report.routes = {{"good", 0, ""},
                   {"plant/+/t", 3, "json 2, missing_field 1",
                    StatusReport::Route::Last{"json", "expected\na value", kNow - 5s}},
                   {"other", 1, "csv 1", StatusReport::Route::Last{"csv", "", kNow - 5s}}};
  report.messages = {2, 0, 1};
  EXPECT_EQ(status_table(report, kNow),
            "no streams are configured\n"
            "route plant/+/t: 3 errors (json 2, missing_field 1), the last 5s ago: json: expected "
            "a value\n"
            "route other: 1 error (csv 1), the last 5s ago: csv\n"
            "messages: 2 without a route or stream, 1 times past a limit of one message\n"
            "no broker is configured\n");
  report.routes = {};
  report.messages = {0, 0, 0};
  EXPECT_EQ(status_table(report, kNow), "no streams are configured\nno broker is configured\n");
}

TEST(StatusTable, WithoutStreams) {
  StatusReport report;
  report.broker = broker();
  EXPECT_EQ(status_table(report, kNow),
            "no streams are configured\n"
            "broker mqtt://127.0.0.1:1883: connected for 3h05m, 2 reconnects\n");
}

TEST(StatusTable, BrokerThatIsAwaySaysWhy) {
  StatusReport report;
  report.broker = {"mqtt://b", false, kNow + 1s, 1, "connection\nrefused"};
  EXPECT_TRUE(status_table(report, kNow)
                  .ends_with("\nbroker mqtt://b: away for 0s, 1 reconnect; connection refused\n"));
  report.broker.reset();
  EXPECT_TRUE(status_table(report, kNow).ends_with("\nno broker is configured\n"));
}

}  // namespace
}  // namespace plotbridge::app
