// Clients that number their lines, on raw sockets, and an endpoint in memory or with a disk that
// writes when the test says so. One thread.
#pragma once

#include "tests/http/endpoint_server_fixture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::http {

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t times = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++times;
  }
  return times;
}

inline std::string lines(int from, int to) {
  std::string all;
  for (int i = from; i < to; ++i) all += "{\"y\":" + std::to_string(i) + "}\n";
  return all;
}

/// `ranges`: as JSON has them.
inline std::string have_line(std::string_view ranges) {
  return chunk("{\"have\": [" + std::string(ranges) + "]}\n");
}

inline std::string last_word(std::string_view ranges, std::string_view word, int status,
                             std::string_view more = "") {
  return chunk("{\"have\": [" + std::string(ranges) + "], \"close\": \"" + std::string(word) +
               "\", \"status\": " + std::to_string(status) + std::string(more) + "}\n") +
         std::string(kLastChunk);
}

/// Whether the answer ends so. Of the ranges the last line may have told less: those that an
/// earlier one has told.
inline void expect_end(const std::string& answer, std::string_view ranges, std::string_view word,
                       int status, std::string_view more = "") {
  const bool told_last = answer.ends_with(last_word(ranges, word, status, more));
  const bool told_before =
      answer.ends_with(last_word("", word, status, more)) &&
      (ranges.empty() || has(answer, "{\"have\": [" + std::string(ranges) + "]}\n"));
  EXPECT_TRUE(told_last || told_before) << answer;
}

inline std::string control(int seq, bool voids = false) {
  return "{\"stream\":{\"seq\":" + std::to_string(seq) + (voids ? ",\"void\":true" : "") + "}}\n";
}

class NumberedClientTest : public EndpointServerTest {
 protected:
  RawClient bridge(int first, std::string_view extra = "", int epoch = 1,
                   std::string_view producer = "9f0c",
                   std::string_view token = "abcdefghij") const {
    RawClient made(port);
    made.send(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n"
        "plotly-streamtoken: " +
        std::string(token) + "\r\nStream-Producer: " + std::string(producer) +
        "\r\nStream-Epoch: " + std::to_string(epoch) + "\r\nStream-Seq: " + std::to_string(first) +
        "\r\n" + std::string(extra) + "\r\n");
    return made;
  }
  std::string head_of(std::string_view headers) const {
    return client()
        .send("HEAD / HTTP/1.1\r\nHost: any\r\n" + std::string(headers) + "\r\n")
        .read_to_end();
  }

  /// With a disk that writes when it is told to.
  void start_with_disk(EndpointServer::Options options = {}) {
    endpoint::Options kept;
    kept.saved.emplace();
    start(std::move(kept), options);
    loop.call([this] { server->on_waiting([this] { ++hurried; }); });
  }
  void commit() {
    loop.call([this] {
      const auto changes = endpoint->take_changes();
      EXPECT_TRUE(changes.whole);
      endpoint->changes_kept();
      server->kept(changes.ticket);
    });
  }

  std::atomic<int> hurried{0};
};

}  // namespace plotbridge::http
