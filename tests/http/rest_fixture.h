// A client of the endpoint's REST, and what it reads back.
#pragma once

#include "tests/http/numbered_client_fixture.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace plotbridge::http {

using nlohmann::json;

class RestTest : public EndpointServerTest {
 protected:
  struct Answer {
    int status = 0;
    json body;
  };

  Answer ask(const std::string& request_head, const std::string& body = "") const {
    auto sender = client();
    std::string head = request_head;
    if (!body.empty()) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    const std::string text = sender.send(head + "\r\n" + body).read_to_end();
    const auto begin = text.find("\r\n\r\n");
    if (begin == std::string::npos) return {};
    std::string got = text.substr(begin + 4);
    if (text.substr(0, begin).find("Transfer-Encoding: chunked") != std::string::npos) {
      got = without_chunks(got);
    }
    return {std::stoi(text.substr(9, 3)), json::parse(got, nullptr, false)};
  }
  /// Empty when the last chunk is missing.
  static std::string without_chunks(std::string_view body) {
    std::string text;
    for (std::size_t size = 1; size > 0;) {
      const auto end = body.find("\r\n");
      if (end == std::string_view::npos) return {};
      size = std::stoul(std::string(body.substr(0, end)), nullptr, 16);
      if (body.size() < end + 4 + size) return {};
      text += body.substr(end + 2, size);
      body.remove_prefix(end + 4 + size);
    }
    return text;
  }
  Answer v2(const std::string& method, const std::string& path, const std::string& body = "",
            const std::string& user = "cGxhbnQ6YXBpa2V5MTIzNA==") const {  // plant:apikey1234
    return ask(method + ' ' + path + " HTTP/1.1\r\nHost: localhost:8088\r\nauthorization: Basic " +
                   user + "\r\ncontent-type: application/json\r\n",
               body);
  }
  /// What plant is shown.
  std::string look(std::string_view path) const {
    return get(path, "Host: localhost\r\nAuthorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n");
  }
  Answer v1(const std::string& body) const {
    return ask("POST /clientresp HTTP/1.1\r\nHost: 127.0.0.1:8088\r\nConnection: keep-alive\r\n",
               body);
  }
  json figure(int id, const std::string& owner = "user") const {
    return v2("GET", "/apigetfile/" + owner + '/' + std::to_string(id)).body["payload"]["figure"];
  }
  void stream_line(const std::string& token, const std::string& line) const {
    auto sender = stream(token);
    sender.send(chunk(line + "\n")).send(kLastChunk);
    EXPECT_NE(sender.read_to_end().find(" 200 "), std::string::npos);
  }
  static endpoint::Options with_user() { return with_users({{"plant", "apikey1234"}}, true); }
};

}  // namespace plotbridge::http
