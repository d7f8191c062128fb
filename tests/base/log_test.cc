// Concern: a log line is one line of valid UTF-8 whatever its values hold, and nobody waits for
// whoever reads it.
#include "plugin/base/log.h"

#include "plugin/base/log_writer.h"
#include "plugin/base/utf8.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

namespace plotbridge {
namespace {

using namespace std::chrono_literals;

class LogTest : public testing::TestWithParam<log::Format> {
 protected:
  void SetUp() override { log::configure(log::Level::kInfo, GetParam()); }
  void TearDown() override { log::configure(log::Level::kInfo, log::Format::kText); }
};

TEST_P(LogTest, LineIsValidUtf8InOneLineWhateverItsValuesHold) {
  const std::string cut = std::string(199, 'a') + "\xC3";  // half of a character
  testing::internal::CaptureStderr();
  log::warning("message not decoded", {{"topic", cut},
                                       {"lone", "\xff\xfe"},
                                       {"controls", "a\nb\x1b[31m\x7f\x01"},
                                       {"c1",
                                        "\xC2\x9b"
                                        "31m"},
                                       {"good", "\xC3\xA4rger \"in\" \\ quotes"}});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(is_valid_utf8(line)) << line;
  EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
  EXPECT_EQ(line.find('\x1b'), line.npos) << line;
  EXPECT_EQ(line.find("\xC2\x9b"), line.npos) << line;
  EXPECT_NE(line.find("a\xEF\xBF\xBD"), line.npos) << line;
  EXPECT_NE(line.find("\\u001b[31m\\u007f\\u0001"), line.npos) << line;
  EXPECT_NE(line.find("\xC3\xA4rger \\\"in\\\" \\\\ quotes"), line.npos) << line;
}

INSTANTIATE_TEST_SUITE_P(Formats, LogTest, testing::Values(log::Format::kText, log::Format::kJson));

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    for (const int end : ends_) ::close(end);
  }
  int in() const { return ends_[1]; }
  std::string read_some() const {
    std::array<char, 65536> bytes;
    const ssize_t got = ::read(ends_[0], bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(LogWriterTest, NobodyWaitsForAPipeThatIsNotReadAndTheLossIsToldOnceItIs) {
  const Pipe pipe;
  std::atomic<std::uint64_t> told = 0;
  std::uint64_t lines = 0;
  constexpr std::uint64_t kLines = 40'000;
  std::thread reader;
  {
    log::LogWriter writer(pipe.in(), 100'000);
    writer.start([&](std::uint64_t dropped) {
      told += dropped;
      writer.write("dropped\n");
    });
    for (std::uint64_t i = 0; i < kLines; ++i) writer.write("a line of the log\n");
    EXPECT_GT(writer.dropped(), 0U);
    EXPECT_FALSE(writer.flush(1ms)) << "it is still stuck";
    reader = std::thread([&] {
      std::string text;
      while (text.find("end\n") == text.npos) {
        text = text.substr(text.size() - std::min<std::size_t>(text.size(), 3)) + pipe.read_some();
        lines += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
      }
    });
    EXPECT_TRUE(writer.flush(20s));
    EXPECT_EQ(told, writer.dropped());
    writer.write("end\n");
  }
  reader.join();
  EXPECT_LT(lines, kLines);
}

TEST(LogWriterTest, LinesBeforeTheThreadAndBehindItAreThereInOrder) {
  const Pipe pipe;
  {
    log::LogWriter writer(pipe.in());
    writer.write("first\n");
    writer.start({});
    for (int i = 0; i < 3; ++i) writer.write(std::to_string(i) + "\n");
    EXPECT_TRUE(writer.flush(20s));
    EXPECT_EQ(pipe.read_some(), "first\n0\n1\n2\n");
    writer.write("last\n");
  }
  EXPECT_EQ(pipe.read_some(), "last\n") << "the end waits for it";
}

TEST(LogWriterTest, DescriptorThatRefusesLinesCostsThemAlone) {
  log::LogWriter writer(-1);
  writer.start([](std::uint64_t) { ADD_FAILURE() << "there is nobody to tell"; });
  writer.write("one\n");
  EXPECT_TRUE(writer.flush(20s));
  EXPECT_EQ(writer.dropped(), 1U);
}

}  // namespace
}  // namespace plotbridge
