// Concern: a slip of the finger gets the word that was meant, another word gets none.
#include "plugin/config/did_you_mean.h"

#include <gtest/gtest.h>

#include <vector>

namespace plotbridge::config {
namespace {

const std::vector<std::string_view> kWords{"topic", "qos", "stream", "max_rate"};

TEST(DidYouMean, forgives_one_slip_in_a_short_word_and_more_in_a_long_one) {
  EXPECT_EQ(nearest("topik", kWords), "topic");
  EXPECT_EQ(nearest("tpoic", kWords), "topic");
  EXPECT_EQ(nearest("qo", kWords), "qos");
  EXPECT_EQ(nearest("max-rte", kWords), "max_rate");
  EXPECT_EQ(nearest("STREAM", kWords), "stream");
}

TEST(DidYouMean, does_not_guess_wildly) {
  EXPECT_EQ(nearest("abc", kWords), std::nullopt);
  EXPECT_EQ(nearest("4", std::vector<std::string_view>{"5"}), std::nullopt);
  EXPECT_EQ(nearest("", kWords), std::nullopt);
  EXPECT_EQ(nearest("topologies", kWords), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kWords), std::nullopt);
  EXPECT_EQ(did_you_mean("abc", kWords), "");
}

TEST(DidYouMean, takes_the_nearest_and_of_equals_the_first) {
  const std::vector<std::string_view> words{"unix_us", "unix_ns", "unix_ms"};
  EXPECT_EQ(nearest("unix_ms", words), "unix_ms");
  EXPECT_EQ(nearest("unix_xs", words), "unix_us");
}

TEST(DidYouMean, looks_at_a_thousand_words_and_names_fifty) {
  const std::vector<std::string> many(1'000'000, std::string(100, 'x'));
  std::vector<std::string_view> words(many.begin(), many.end());
  words.back() = "topic";
  words[999] = "stream";
  EXPECT_EQ(nearest("topik", words), std::nullopt);
  EXPECT_EQ(nearest("steram", words), "stream");
  words.resize(53);
  words.front() = "topic";
  EXPECT_TRUE(comma_list(words).starts_with("topic, xxx"));
  EXPECT_TRUE(comma_list(words).ends_with("x and 3 more"));
}

TEST(DidYouMean, takes_the_beginning_of_a_word) {
  EXPECT_EQ(nearest("warn", std::vector<std::string_view>{"info", "warning"}), "warning");
  EXPECT_EQ(nearest("ma", kWords), std::nullopt);
}

TEST(DidYouMean, lists_what_is_allowed) {
  EXPECT_EQ(correction("qo", kWords),
            "; did you mean `qos`? allowed: topic, qos, stream, max_rate");
  EXPECT_EQ(correction("abc", kWords), "; allowed: topic, qos, stream, max_rate");
}

}  // namespace
}  // namespace plotbridge::config
