// What a line costs from the pipeline to a chunk of the stream loop, beside a bare copy of the same
// bytes into a vector and out of it in the same run, and what a line that waits takes in memory.
// Medians. No thread, no disk.
#include "plugin/app/outbox.h"

#include "tests/bench/measure.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace plotbridge {
namespace {

constexpr int kRuns = 9;
constexpr std::size_t kLines = 400'000;
constexpr TimePoint kNow{std::chrono::hours(1)};

std::vector<std::string> lines_of(std::size_t size) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1'000; ++i) {
    std::string line = "{\"y\":" + std::to_string(i) + ",\"k\":\"";
    line.resize(size - 3, 'a');
    lines.push_back(line + "\"}\n");
  }
  return lines;
}

double copies(const std::vector<std::string>& lines) {
  std::vector<char> in, out;
  const double seconds = seconds_of([&] {
    for (std::size_t i = 0; i < kLines; ++i) {
      const std::string& line = lines[i % lines.size()];
      in.insert(in.end(), line.begin(), line.end());
      if (in.size() < 32'768) continue;
      out.assign(in.begin(), in.end());
      in.clear();
    }
  });
  return seconds * 1e9 / kLines;
}

struct Costs {
  double in = 0;   // ns a line
  double out = 0;  // the same, until it has arrived
};

Costs pass(const std::vector<std::string>& lines, std::size_t streams, std::size_t a_message) {
  config::Stream stream;
  stream.queue_capacity = 1'000'000;
  app::OutboxOptions options;
  options.memory = std::size_t{256} << 20;
  app::Outbox outbox(std::vector<config::Stream>(streams, stream), options);
  std::vector<char> room(65'536);
  std::vector<OffsetRange> sent;
  std::vector<std::size_t> dirty;
  Costs costs;
  for (std::size_t i = 0; i < kLines;) {
    const std::size_t until = i + 1'000;
    costs.in += seconds_of([&] {
      while (i < until) {
        for (std::size_t of_message = 0; of_message < a_message; ++of_message, ++i) {
          outbox.push(i % streams, Line{lines[i % lines.size()]}, Arrival{kNow});
        }
        outbox.end_message();
      }
    });
    costs.out += seconds_of([&] {
      outbox.take_dirty(dirty);
      for (const std::size_t one : dirty) {
        while (outbox.fill(one, room, kNow, {}, sent).bytes > 0) {
        }
        outbox.arrived(one, sent, kNow);
        sent.clear();
      }
    });
  }
  return {costs.in * 1e9 / kLines, costs.out * 1e9 / kLines};
}

void measure(std::size_t streams, std::size_t a_message) {
  const auto lines = lines_of(60);
  std::vector<double> bare, in, out;
  for (int run = 0; run < kRuns; ++run) {
    bare.push_back(copies(lines));
    const Costs costs = pass(lines, streams, a_message);
    in.push_back(costs.in);
    out.push_back(costs.out);
  }
  std::printf("%4zu streams, %3zu lines a message: in %5.0f ns, out %5.0f ns, copy %5.1f ns\n",
              streams, a_message, median(in), median(out), median(bare));
}

void memory(std::size_t size) {
  config::Stream stream;
  stream.queue_capacity = kLines;
  app::OutboxOptions options;
  options.memory = std::size_t{1} << 30;
  app::Outbox outbox(std::vector<config::Stream>(1, stream), options);
  const auto lines = lines_of(size);
  const long before = resident_kib();
  for (std::size_t i = 0; i < kLines; ++i) {
    outbox.push(0, Line{lines[i % lines.size()]}, Arrival{kNow});
    if (i % 100 == 99) outbox.end_message();
  }
  const auto bytes = static_cast<double>(kLines * size);
  const auto counted = static_cast<double>(outbox.memory_used());
  const auto resident = static_cast<double>(resident_kib() - before) * 1024;
  std::printf("a waiting line of %3zu bytes: %4.1f bytes more are counted, %4.1f resident\n", size,
              (counted - bytes) / kLines, (resident - bytes) / kLines);
}

}  // namespace
}  // namespace plotbridge

int main() {
  for (const std::size_t streams : {std::size_t{1}, std::size_t{100}}) {
    for (const std::size_t a_message : {std::size_t{1}, std::size_t{100}}) {
      plotbridge::measure(streams, a_message);
    }
  }
  plotbridge::memory(60);
  plotbridge::memory(20);
}
