// Concern: the bytes that official clients send are taken as they are, whole, in halves and byte by
// byte, and each client gets the answer and the end that it waits for.
#include "tests/http/endpoint_server_fixture.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plotbridge::http {
namespace {

struct Client {
  const char* name;
  std::string_view request;
  const char* columns;  // of its first trace, afterwards
};

constexpr Client kClients[] = {
    {"documented example",
     "POST / HTTP/1.1\r\nHost: stream.plot.ly\r\nUser-Agent: Python\r\n"
     "Transfer-Encoding: chunked\r\nConnection: close\r\nplotly-streamtoken: ab3dk4FBDd\r\n\r\n"
     "11\r\n{\"y\": 1, \"x\": 1}\n\r\n11\r\n{\"y\": 2, \"x\": 2}\n\r\n11\r\n{\"y\": 3, \"x\": "
     "3}\n\r\n"
     "0\r\n\r\n",
     R"({"x":[1,2,3],"y":[1,2,3]})"},
    {"Node",
     "POST / HTTP/1.1\r\nplotly-streamtoken: abcdefghij\r\nHost: 127.0.0.1:18080\r\n"
     "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
     "e\r\n{\"x\":0,\"y\":0}\n\r\n1d\r\n{\"x\":1,\"y\":1,\"text\":\"caf\xC3\xA9\"}\n\r\n"
     "e\r\n{\"x\":2,\"y\":4}\n\r\ne\r\n{\"x\":3,\"y\":9}\n\r\n1\r\n\n\r\n0\r\n\r\n",
     "{\"text\":[null,\"caf\xC3\xA9\",null,null],\"x\":[0,1,2,3],\"y\":[0,1,4,9]}"},
    {"Python",
     "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n"
     "Transfer-Encoding: chunked\r\nHost: 127.0.0.1\r\nplotly-streamtoken: abcdefghij\r\n\r\n"
     "11\r\n{\"x\": 0, \"y\": 0}\n\r\n26\r\n{\"x\": 1, \"y\": 1, \"text\": \"caf\\u00e9\"}\n\r\n"
     "1\r\n\n\r\n\r\n0\r\n\r\n",
     R"({"text":[null,"caf\u00e9"],"x":[0,1],"y":[0,1]})"},
    {"Python by a name with a port",
     "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n"
     "Transfer-Encoding: chunked\r\nHost: localhost:8088\r\nplotly-streamtoken: abcdefghij\r\n\r\n"
     "11\r\n{\"x\": 0, \"y\": 0}\n\r\n\r\n0\r\n\r\n",
     R"({"x":[0],"y":[0]})"},
    {"Arduino",
     "POST / HTTP/1.1\r\nHost: arduino.plot.ly\r\nUser-Agent: Arduino\r\n"
     "Transfer-Encoding: chunked\r\nConnection: close\r\n"
     "plotly-convertTimestamp: \"America/Montreal\"\r\n\r\n"
     "33\r\n{\"x\": 1234, \"y\": 512, \"streamtoken\": \"abcdefghij\"}\n\r\n"
     "35\r\n{\"x\": 1290, \"y\": 21.50, \"streamtoken\": \"abcdefghij\"}\n\r\n0\r\n\r\n",
     R"(0.000"],"y":[512,21.50]})"},
    {"Arduino over WiFi, old",
     "POST / HTTP/1.1\r\nHost: arduino.plot.ly\r\nUser-Agent: Arduino\r\n"
     "Transfer-Encoding: chunked\r\nConnection: close\r\nplotly-streamtoken: abcdefghij\r\n"
     "plotly-convertTimestamp: America/Montreal\r\n\r\n"
     "14\r\n{\"x\": 1234, \"y\": 51}\n\r\n0\r\n\r\n",
     R"("y":[51]})"},
    {"MATLAB",
     "POST / HTTP/1.1\r\nplotly-streamtoken: abcdefghij\r\nUser-Agent: Java/17.0.9\r\n"
     "Host: 127.0.0.1:8088\r\nAccept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\n"
     "Connection: keep-alive\r\nContent-type: application/x-www-form-urlencoded\r\n"
     "Transfer-Encoding: chunked\r\n\r\n"
     "9\r\n{\"x\" : 0,\r\n9\r\n \"y\" : 0}\r\n9\r\n\n{\"x\" : 1\r\n9\r\n, \"y\" : 1\r\n2\r\n}\n\r\n"
     "0\r\n\r\n",
     R"({"x":[0,1],"y":[0,1]})"},
    {"hyperquest",
     "POST / HTTP/1.1\r\nconnection: keepalive\r\nplotly-streamtoken: abcdefghij\r\n"
     "Host: 127.0.0.1:8088\r\nTransfer-Encoding: chunked\r\n\r\n"
     "e\r\n{\"x\":0,\"y\":0}\n\r\n0\r\n\r\n",
     R"({"x":[0],"y":[0]})"},
    {"curl",
     "POST / HTTP/1.1\r\nHost: 127.0.0.1:8088\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
     "plotly-streamtoken: abcdefghij\r\nContent-Length: 14\r\n"
     "Content-Type: application/x-www-form-urlencoded\r\n\r\n{\"x\":1,\"y\":20}",
     R"({"x":[1],"y":[20]})"},
    {"a board that posts single objects",
     "POST / HTTP/1.1\r\nHost: stream.plot.ly\r\nContent-Type: application/json\r\n"
     "plotly-streamtoken: abcdefghij\r\nContent-Length: 13\r\n\r\n{\"x\":1,\"y\":2}",
     R"({"x":[1],"y":[2]})"},
};

class OfficialClients : public EndpointServerTest, public testing::WithParamInterface<Client> {
 protected:
  void expect_taken(std::size_t piece) {
    SCOPED_TRACE(std::string(GetParam().name) + " in pieces of " + std::to_string(piece));
    endpoint::Options options;
    // The zone is another test's: here every moment is the same.
    options.local_time = [](std::string_view, WallTime) { return "2026-11-23 16:40:00.000"; };
    start(options);
    auto sender = client();
    std::string_view rest = GetParam().request;
    for (; rest.size() > piece; rest.remove_prefix(piece)) sender.send(rest.substr(0, piece));
    const std::string answer = sender.send(rest).read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhealthy endpoint disconnect")) << answer;
    auto page = client();
    page.send("GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    page.read_until(GetParam().columns);
    server.reset();
    loop.stop();
  }
};

TEST_P(OfficialClients, Whole) { expect_taken(GetParam().request.size()); }
TEST_P(OfficialClients, InHalves) { expect_taken(GetParam().request.size() / 2 + 1); }
TEST_P(OfficialClients, ByteByByte) { expect_taken(1); }

INSTANTIATE_TEST_SUITE_P(All, OfficialClients, testing::ValuesIn(kClients),
                         [](const auto& instance) {
                           std::string name;
                           for (const char c : std::string_view(instance.param.name)) {
                             if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace plotbridge::http
