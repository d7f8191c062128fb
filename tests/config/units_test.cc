// Concern: quantities mean what people meant, and nothing that is not one passes.
#include "plugin/config/units.h"

#include <gtest/gtest.h>

namespace plotbridge::config {
namespace {

using namespace std::chrono_literals;

TEST(Duration, is_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration("30s").value(), 30s);
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("1.5h").value(), 90min);
  EXPECT_EQ(parse_duration("7d").value(), 168h);
  EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(Duration, without_a_unit_or_with_a_strange_one_is_refused) {
  for (const char* text : {"", "30", "s", "30 s", "-1s", "+1s", "1e3s", "30S", "30sec", "1h30m",
                           "99999999999d", "nans", "infs", "0x1s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Size, knows_powers_of_1024_and_of_1000) {
  EXPECT_EQ(parse_size("64MiB").value(), std::size_t{64} << 20);
  EXPECT_EQ(parse_size("1.5KiB").value(), 1536U);
  EXPECT_EQ(parse_size("1GiB").value(), std::size_t{1} << 30);
  EXPECT_EQ(parse_size("2MB").value(), 2'000'000U);
  EXPECT_EQ(parse_size("10B").value(), 10U);
}

TEST(Size, without_a_unit_or_with_a_short_one_is_refused) {
  for (const char* text : {"", "1024", "64M", "64mib", "-1B", "99999999999GiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Rate, is_lines_by_second_minute_or_hour) {
  EXPECT_DOUBLE_EQ(parse_rate("20/s").value(), 20);
  EXPECT_DOUBLE_EQ(parse_rate("0.5/s").value(), 0.5);
  EXPECT_DOUBLE_EQ(parse_rate("30/m").value(), 0.5);
  EXPECT_DOUBLE_EQ(parse_rate("36/h").value(), 0.01);
}

TEST(Rate, of_nothing_or_without_a_unit_is_refused) {
  for (const char* text : {"", "20", "0/s", "-1/s", "20/d", "/s", "20 /s"}) {
    EXPECT_FALSE(parse_rate(text)) << text;
  }
}

TEST(Integer, is_digits_alone) {
  EXPECT_EQ(parse_integer("10000").value(), 10000);
  EXPECT_EQ(parse_integer("-3").value(), -3);
  for (const char* text : {"", "1.0", "1_000", "0x10", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

TEST(Text, of_a_quantity_is_read_back_as_the_same) {
  for (const char* text : {"30s", "1500ms", "90m", "2h", "1d", "0s"}) {
    EXPECT_EQ(to_text(parse_duration(text).value()), text);
  }
  for (const char* text : {"64MiB", "1023B", "3KiB", "1025KiB"}) {
    EXPECT_EQ(size_text(parse_size(text).value()), text);
  }
}

}  // namespace
}  // namespace plotbridge::config
