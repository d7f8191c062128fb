// How many lines a second the built-in endpoint validates and puts into windows on one thread, from
// the bytes of chunked bodies of 1,000 uploads taken in turns, without sockets; beside it what
// looking at each byte costs. The median of several runs. Prints resident memory, too.
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/upload.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace plotbridge;
using namespace plotbridge::endpoint;

constexpr int kUploads = 1000;
constexpr int kLinesPerTake = 100;
constexpr int kRounds = 10;
constexpr int kRuns = 7;

std::string chunk(std::string_view text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + std::string(text) + "\r\n";
}

/// Lines as the bridge writes them, one in each chunk.
std::string body() {
  std::string body;
  for (int i = 0; i < kLinesPerTake; ++i) {
    body += chunk("{\"x\":\"2026-11-23 16:40:00." + std::to_string(100 + i) +
                  "\",\"y\":" + std::to_string(20 + i) + ".50}\n");
  }
  return body;
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main() {
  const std::string bytes = body();
  const TimePoint now{std::chrono::hours(1)};
  const long before = resident_kib();
  Endpoint endpoint{Options{}};
  std::vector<std::unique_ptr<Upload>> uploads;
  for (int i = 0; i < kUploads; ++i) {
    uploads.push_back(std::make_unique<Upload>(endpoint, static_cast<ConnectionId>(i + 1)));
    const std::string token = "token" + std::to_string(i);
    uploads.back()->start({token, true}, now, WallTime{});
  }
  constexpr double kLines = double{kUploads} * kLinesPerTake * kRounds;
  std::vector<double> taken;
  std::vector<double> looked;
  for (int run = 0; run < kRuns; ++run) {
    looked.push_back(seconds_of([&] {
      unsigned sum = 0;
      for (int i = 0; i < kRounds * kUploads; ++i) {
        for (const char c : bytes) sum += static_cast<unsigned char>(c);
        asm volatile("" : "+r"(sum));
      }
    }));
    taken.push_back(seconds_of([&] {
      for (int round = 0; round < kRounds; ++round) {
        for (const auto& upload : uploads) upload->take(bytes, now);
      }
    }));
  }
  std::uint64_t lines = 0;
  for (const auto& upload : uploads) lines += upload->lines();
  const double reference = median(looked);
  const double took = median(taken);
  std::printf("%d uploads, %llu lines of %zu bytes with their chunk\n", kUploads,
              static_cast<unsigned long long>(lines), bytes.size() / kLinesPerTake);
  std::printf("  reference: look at each byte   %9.0f lines/s   x 1.00\n", kLines / reference);
  std::printf("  validated and in the window    %9.0f lines/s   x %.2f\n", kLines / took,
              took / reference);
  std::printf("  resident memory                %9ld KiB more than before\n",
              resident_kib() - before);
  return 0;
}
