// Uploads of numbered lines into an endpoint in memory. One thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/upload.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::endpoint {

inline constexpr WallTime kWall{std::chrono::seconds(1'795'452'000)};
inline constexpr std::string_view kToken = "abcdefghij";

using Ranges = std::vector<OffsetRange>;

/// A line, or several, as a chunk.
inline std::string chunk_of(std::string_view text) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), text.size() + 1, 16).ptr;
  return std::string(size.data(), end) + "\r\n" + std::string(text) + "\n\r\n";
}

class NumberedUploadTest : public ::testing::Test {
 protected:
  std::unique_ptr<Upload> open(std::uint64_t first, std::uint32_t epoch = 1,
                               std::string_view producer = "bridge", bool polite = false) {
    auto upload = std::make_unique<Upload>(*endpoint, ++connection);
    Upload::Head head{kToken, true};
    head.wish.numbering = {producer, epoch, first};
    head.wish.polite = polite;
    upload->start(head, now, kWall);
    return upload;
  }
  static std::string line(std::uint64_t number) {
    return R"({"y":)" + std::to_string(number) + "}";
  }
  static std::string lines(std::uint64_t from, std::uint64_t to) {
    std::string body;
    for (std::uint64_t i = from; i < to; ++i) body += chunk_of(line(i));
    return body;
  }
  std::string window() { return endpoint->plot(1)->window(); }
  void expect_values(const std::string& values) {
    EXPECT_NE(window().find(R"("columns":{"y":)" + values + "}"), std::string::npos) << window();
  }
  Ranges have(std::string_view producer) const {
    const auto standing = endpoint->standing(kToken, producer);
    EXPECT_EQ(standing.status, Status::kDone);
    return {standing.have.begin(), standing.have.end()};
  }

  std::unique_ptr<Endpoint> endpoint = std::make_unique<Endpoint>(Options{});
  ConnectionId connection = 0;
  TimePoint now = kStart;
};

}  // namespace plotbridge::endpoint
