// What a line costs on its way to disk, beside a bare write() of the same bytes in the same run,
// and how fast a spool is read at the start. Medians. The first argument: a directory on the disk
// to be measured; none: the temporary one.
#include "plugin/base/crc32c.h"
#include "plugin/disk/segment_store.h"

#include "tests/bench/measure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace plotbridge {
namespace {

namespace fs = std::filesystem;

constexpr int kRuns = 7;
constexpr std::uint64_t kLines = 200'000;
constexpr std::size_t kLineBytes = 60;
constexpr WallTime kNow{std::chrono::seconds(1'795'000'000)};

std::string line_of(std::uint64_t offset) {
  std::string line =
      "{\"x\":\"2026-11-23 16:40:00.123\",\"y\":" + std::to_string(offset) + ".50,\"k\":\"";
  line.resize(kLineBytes - 3, 'a');
  return line + "\"}\n";
}

double bare_writes(const fs::path& directory, const std::vector<std::string>& lines) {
  const fs::path path = directory / "bare";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const std::string head(disk::kRecordHeadBytes, 'h');
  off_t at = 0;
  const double seconds = seconds_of([&] {
    for (std::uint64_t i = 0; i < kLines; ++i) {
      const std::string record = head + lines[i % lines.size()];
      if (::pwrite(file, record.data(), record.size(), at) < 0) return;
      at += static_cast<off_t>(record.size());
    }
  });
  ::close(file);
  fs::remove(path);
  return seconds * 1e9 / kLines;
}

std::unique_ptr<disk::SegmentStore> open(const fs::path& directory, std::size_t streams) {
  disk::SpoolOptions options;
  options.directory = (directory / "spool").string();
  for (std::size_t i = 0; i < streams; ++i) options.streams.push_back("s" + std::to_string(i));
  auto store = disk::SegmentStore::open(options);
  if (store) return *std::move(store);
  std::fprintf(stderr, "%s\n", store.error().message.c_str());
  std::exit(1);
}

/// The lines of all streams in turn, so many at once.
double appends(disk::SegmentStore& store, const std::vector<std::string>& lines,
               std::size_t streams, std::size_t at_once) {
  return seconds_of([&] {
           std::vector<queue::LineStore::NewLine> batch;
           for (std::uint64_t i = 0; i < kLines; ++i) {
             batch.push_back({i % streams, i / streams, lines[i % lines.size()], kNow});
             if (batch.size() < at_once && i + 1 < kLines) continue;
             store.append(batch);
             batch.clear();
           }
         }) *
         1e9 / kLines;
}

/// Lines/s when all streams read a few lines in turn, as they do after an outage.
double reads(disk::SegmentStore& store, std::size_t streams) {
  constexpr std::uint64_t kTurn = 100;
  std::uint64_t count = 0;
  const double seconds = seconds_of([&] {
    std::vector<std::uint64_t> next(streams, 0);
    for (std::uint64_t before = 1; before != count;) {
      before = count;
      for (std::size_t stream = 0; stream < streams; ++stream) {
        const std::uint64_t end = next[stream] + kTurn;
        const auto read = store.read(stream, next[stream], [&](const queue::StoredLine& line) {
          ++count;
          next[stream] = line.offset + 1;
          return next[stream] < end;
        });
        if (!read) return;
      }
    }
  });
  return static_cast<double>(count) / seconds;
}

void measure(const fs::path& directory, std::size_t streams) {
  std::vector<std::string> lines;
  for (std::uint64_t i = 0; i < 1000; ++i) lines.push_back(line_of(i));
  std::vector<double> bare, ours, ratio, batches, recovery, read;
  for (int run = 0; run < kRuns; ++run) {
    bare.push_back(bare_writes(directory, lines));
    fs::remove_all(directory / "spool");
    auto store = open(directory, streams);
    batches.push_back(appends(*store, lines, streams, 100));
    store.reset();
    fs::remove_all(directory / "spool");
    store = open(directory, streams);
    ours.push_back(appends(*store, lines, streams, 1));
    ratio.push_back(ours.back() / bare.back());
    read.push_back(reads(*store, streams));
    const double bytes = static_cast<double>(store->gauges(kNow).bytes);
    store.reset();
    recovery.push_back(bytes / 1e6 / seconds_of([&] { open(directory, streams); }));
  }
  std::printf("%zu streams, lines of %zu bytes\n", streams, kLineBytes);
  std::printf("  bare pwrite of the same bytes   %8.0f ns\n", median(bare));
  std::printf("  append                          %8.0f ns   x %.2f\n", median(ours), median(ratio));
  std::printf("  append, 100 at once             %8.0f ns\n", median(batches));
  std::printf("  read, 100 lines in turn         %8.2f M lines/s\n", median(read) / 1e6);
  std::printf("  recovery at the start           %8.0f MB/s\n", median(recovery));
}

void measure_crc() {
  const std::string bytes(std::size_t{16} << 20, 'x');
  std::vector<double> rates;
  std::uint32_t sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    rates.push_back(static_cast<double>(bytes.size()) / 1e6 /
                    seconds_of([&] { sum ^= crc32c(bytes, sum); }));
  }
  std::printf("crc32c %.0f MB/s (%08x)\n", median(rates), sum);
}

}  // namespace
}  // namespace plotbridge

int main(int count, char** arguments) {
  namespace fs = std::filesystem;
  const fs::path directory =
      fs::path(count > 1 ? arguments[1] : fs::temp_directory_path().c_str()) /
      ("spool_bench." + std::to_string(::getpid()));
  fs::create_directories(directory);
  plotbridge::measure(directory, 1);
  plotbridge::measure(directory, 1000);
  plotbridge::measure_crc();
  fs::remove_all(directory);
}
