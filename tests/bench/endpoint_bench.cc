// How many lines a second the built-in endpoint validates and puts into windows on one thread, from
// the bytes of chunked bodies of 1,000 uploads taken in turns, without sockets; beside it what
// looking at each byte costs. The median of several runs. Prints resident memory, too.
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/upload.h"

#include "tests/bench/measure.h"

#include <chrono>
#include <cstdio>
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

}  // namespace

int main() {
  const std::string bytes = chunked_lines(kLinesPerTake);
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
