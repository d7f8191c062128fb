// Concern: thousands of streams from a spreadsheet, and its mistakes at their own lines.
#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace plotbridge::config {
namespace {

class StreamList : public ::testing::Test {
 protected:
  Loaded load(std::string_view csv, const std::string& beside = "", const std::string& more = "") {
    folder_.write("tokens.csv", csv);
    return load_text("version: 1\nstreams:\n  - from_file: tokens.csv\n" + beside + more,
                     folder_.path("a.yaml"));
  }

  /// With the folder's name left out.
  Lines mistakes(std::string_view csv, const std::string& beside = "",
                 const std::string& more = "") {
    Lines lines = lines_of(load(csv, beside, more).mistakes);
    const std::string folder = folder_.path("");
    for (std::string& line : lines) {
      for (std::size_t at = line.find(folder); at != std::string::npos; at = line.find(folder)) {
        line.erase(at, folder.size());
      }
    }
    return lines;
  }

  test::TempDir folder_;
};

TEST_F(StreamList, gives_one_stream_for_each_row_with_the_keys_beside_it) {
  const Loaded loaded =
      load("name,token,max_rate\na,t1,\nb,t2,5/s\n", "    max_rate: 2/s\n    when_faster: queue\n");
  ASSERT_EQ(lines_of(loaded.mistakes), Lines{});
  ASSERT_EQ(loaded.config.streams.size(), 2U);
  const Stream& a = loaded.config.streams[0];
  EXPECT_EQ(a.name, "a");
  EXPECT_TRUE(a.token.equals("t1"));
  EXPECT_EQ(a.max_rate, 2);
  EXPECT_EQ(a.when_faster, WhenFaster::kQueue);
  EXPECT_EQ(loaded.config.streams[1].max_rate, 5);
  EXPECT_EQ(loaded.config.streams[1].when_faster, WhenFaster::kQueue);
}

TEST_F(StreamList, takes_columns_in_any_order_and_what_a_spreadsheet_writes) {
  const Loaded loaded = load("\xEF\xBB\xBFtoken,\"name\"\r\nt1,\"a, b\"\r\n\r\n  \r\nt2,c");
  ASSERT_EQ(lines_of(loaded.mistakes), Lines{});
  ASSERT_EQ(loaded.config.streams.size(), 2U);
  EXPECT_EQ(loaded.config.streams[0].name, "a, b");
  EXPECT_TRUE(loaded.config.streams[1].token.equals("t2"));
}

TEST_F(StreamList, may_be_named_by_routes_and_plots) {
  EXPECT_EQ(
      mistakes("name,token\na,t1\n", "",
               "plots: [{name: p, traces: [{stream: a}, {stream: aa}]}]\n"),
      Lines{"a.yaml:4:50: plots[0].traces[1].stream: no stream is named `aa`; did you mean `a`?"});
}

TEST_F(StreamList, tells_every_bad_row_at_its_own_place) {
  EXPECT_EQ(
      mistakes("name,token,max_rate\n"
               "a,t1\n"
               ",t2,\n"
               "b,t 3,\n"
               "c,t4,fast\n"
               "d,t5,0/s\n"
               "a,\"t6,\n"
               "e\xFF,t7,\n"
               "f,t8,\n"
               "f,t9,\n"
               "g,t8,\n"
               "{h},t10,\n"),
      (Lines{
          "tokens.csv:2:1: expected 3 cells as in the header, found 2",
          "tokens.csv:3:1: name: is empty",
          "tokens.csv:4:3: token: a token is 1 to 1000 visible ASCII characters without spaces",
          "tokens.csv:5:6: max_rate: expected a rate such as 20/s (a number above 0 and one of "
          "/s, /m, /h)",
          "tokens.csv:6:6: max_rate: expected a rate such as 20/s (a number above 0 and one of "
          "/s, /m, /h)",
          "tokens.csv:7:3: no closing \" in this line",
          "tokens.csv:8:1: this line is not UTF-8",
          "tokens.csv:10:1: name: a stream named `f` is already at tokens.csv:9:1",
          "tokens.csv:11:3: token: the same token as that of `f` at tokens.csv:9:3: two streams "
          "would evict each other",
          "tokens.csv:12:1: name: a stream's name holds no { or }: a route could not name it",
      }));
}

TEST_F(StreamList, without_a_good_header_is_told_and_repeats_no_token) {
  EXPECT_EQ(
      mistakes("s3cr3t,h1dden\n"),
      (Lines{"tokens.csv:1:1: unknown column in the header; allowed: name, token, max_rate",
             "tokens.csv:1:1: name: missing: the header has no such column",
             "tokens.csv:1:1: token: missing: the header has no such column",
             "tokens.csv:1:8: unknown column in the header; allowed: name, token, max_rate"}));
  EXPECT_EQ(mistakes("name,tokne,name\na,b,c\n"),
            (Lines{"tokens.csv:1:1: token: missing: the header has no such column",
                   "tokens.csv:1:6: unknown column in the header; did you mean `token`? allowed: "
                   "name, token, max_rate",
                   "tokens.csv:1:12: name: this column is there twice"}));
  EXPECT_EQ(mistakes("\n\n"),
            Lines{"tokens.csv:3:1: the file is empty: its first line is name,token[,max_rate]"});
}

TEST_F(StreamList, that_is_not_there_leaves_names_unchecked) {
  const Loaded loaded = load_text(
      "version: 1\nstreams: [{from_file: gone.csv}]\nplots: [{name: p, traces: [{stream: a}]}]\n",
      folder_.path("a.yaml"));
  EXPECT_EQ(lines_of(loaded.mistakes),
            Lines{folder_.path("a.yaml") + ":2:23: streams[0].from_file: cannot read " +
                  folder_.path("gone.csv") + ": No such file or directory"});
}

TEST_F(StreamList, that_others_may_read_or_change_is_refused) {
  const std::string path = folder_.write("tokens.csv", "name,token\na,t1\n");
  for (const ::mode_t mode : {0644U, 0602U, 0620U}) {
    ::chmod(path.c_str(), mode);
    const Loaded loaded =
        load_text("version: 1\nstreams: [{from_file: tokens.csv}]\n", folder_.path("a.yaml"));
    ASSERT_EQ(loaded.mistakes.size(), 1U) << mode;
    EXPECT_TRUE(loaded.mistakes[0].to_string().starts_with(
        folder_.path("a.yaml") + ":2:23: streams[0].from_file: " + path + " is a secret that"))
        << loaded.mistakes[0].to_string();
  }
}

TEST_F(StreamList, takes_name_and_token_only_in_its_rows) {
  EXPECT_EQ(
      mistakes("name,token\na,t1\n", "    name: b\n    token: t2\n"),
      (Lines{"a.yaml:4:5: streams[0].name: stands in the rows of `from_file`: remove it here",
             "a.yaml:5:5: streams[0].token: stands in the rows of `from_file`: remove it here"}));
}

TEST_F(StreamList, is_held_to_the_rate_of_chart_studio) {
  const std::string endpoint = "endpoint: {url: https://h}\n";
  EXPECT_EQ(mistakes("name,token,max_rate\na,t1,21/s\n", "", endpoint),
            Lines{"tokens.csv:2:6: max_rate: chart_studio takes at most 20/s of a stream"});
  EXPECT_EQ(load("name,token\na,t1\n", "", endpoint).config.streams[0].max_rate, 20);
}

TEST_F(StreamList, larger_than_16_mib_is_refused) {
  const std::string csv((std::size_t{16} << 20) + 1, '\n');
  EXPECT_EQ(mistakes(csv), Lines{"a.yaml:3:16: streams[0].from_file: cannot read tokens.csv: it is "
                                 "larger than 16777216 bytes"});
}

TEST_F(StreamList, of_ten_thousand_rows_is_read) {
  std::string csv = "name,token\n";
  for (int i = 0; i < 10'000; ++i) {
    csv += "stream." + std::to_string(i) + ",token" + std::to_string(i) + '\n';
  }
  const Loaded loaded = load(csv);
  EXPECT_TRUE(loaded.mistakes.empty());
  EXPECT_EQ(loaded.config.streams.size(), 10'000U);
}

}  // namespace
}  // namespace plotbridge::config
