// Concern: what official clients send is decoded to the same body however the bytes arrive, and
// what is not the chunked coding is refused without reading on.
#include "plugin/endpoint/chunked_decoder.h"

#include "tests/endpoint/cut_up.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using Answer = ChunkedDecoder::Answer;

struct Decoded {
  std::string body;
  Answer answer = Answer::kMore;
  std::size_t used = 0;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(const Pieces& pieces) {
  ChunkedDecoder decoder;
  Decoded out;
  for (std::string_view piece : pieces) {
    while (!piece.empty() && out.answer == Answer::kMore) {
      const auto step = decoder.next(piece);
      out.body += step.slice;
      out.answer = step.answer;
      out.used += step.used;
      piece.remove_prefix(step.used);
    }
  }
  return out;
}

void expect_body(std::string_view bytes, std::string_view body) {
  for (const Pieces& way : ways_to_arrive(bytes)) {
    const Decoded out = decode(way);
    EXPECT_EQ(out.body, body);
    EXPECT_EQ(out.answer, Answer::kDone);
    EXPECT_EQ(out.used, bytes.size());
  }
}

void expect_bad(std::string_view bytes) {
  for (const Pieces& way : ways_to_arrive(bytes)) {
    EXPECT_EQ(decode(way).answer, Answer::kBad) << bytes.substr(0, 40);
  }
}

TEST(ChunkedDecoder, TakesOneLinePerChunkAsNodeSendsIt) {
  expect_body("e\r\n{\"x\":0,\"y\":0}\n\r\n1\r\n\n\r\n0\r\n\r\n", "{\"x\":0,\"y\":0}\n\n");
}

TEST(ChunkedDecoder, TakesTheEmptyLineThatPythonPutsBeforeTheLastChunk) {
  expect_body("11\r\n{\"x\": 0, \"y\": 0}\n\r\n\r\n0\r\n\r\n", "{\"x\": 0, \"y\": 0}\n");
}

TEST(ChunkedDecoder, TakesUpperCaseSizesAsArduinoSendsThem) {
  expect_body("1A\r\nabcdefghijklmnopqrstuvwxyz\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
              "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
}

TEST(ChunkedDecoder, SkipsExtensionsAndTrailers) {
  expect_body("3;name=\"v;\" \r\nabc\r\n2 \r\nde\r\n0;last\r\nExpires: never\r\nX: y\r\n\r\n",
              "abcde");
}

TEST(ChunkedDecoder, TakesBareNewlinesForLineEnds) { expect_body("3\nabc\n0\n\n", "abc"); }

TEST(ChunkedDecoder, StopsAtTheEndOfTheBody) {
  const Decoded out = decode({"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n"});
  EXPECT_EQ(out.answer, Answer::kDone);
  EXPECT_EQ(out.used, 11U);
}

TEST(ChunkedDecoder, RefusesWhatIsNoSize) {
  expect_bad("{\"x\":1}\n");
  expect_bad("-1\r\n");
  expect_bad("0x5\r\nhello\r\n");
  expect_bad(";5\r\n");
}

TEST(ChunkedDecoder, RefusesAChunkLongerThanItsSize) { expect_bad("3\r\nabcd\r\n"); }

TEST(ChunkedDecoder, RefusesAReturnWithoutItsNewline) {
  expect_bad("3\rabc");
  expect_bad("1\r\na\rb");
  expect_bad("0\r\n\rx");
}

TEST(ChunkedDecoder, RefusesASizeThatWouldOverflow) {
  expect_bad("FFFFFFFFFFFFFFFF\r\n");
  expect_bad("0000000000000001\r\n");
}

TEST(ChunkedDecoder, GivesAHugeChunkAsItComesWithoutWaitingForItsEnd) {
  const Decoded out = decode({"fffffffffffffff\r\nabc"});
  EXPECT_EQ(out.body, "abc");
  EXPECT_EQ(out.answer, Answer::kMore);
}

TEST(ChunkedDecoder, RefusesEndlessExtensionsTrailersAndEmptyLines) {
  const std::string much(10000, 'e');
  std::string newlines;
  for (int i = 0; i < 5000; ++i) newlines += "\r\n";
  EXPECT_EQ(decode({"5;" + much}).answer, Answer::kBad);
  EXPECT_EQ(decode({"0\r\n" + much}).answer, Answer::kBad);
  EXPECT_EQ(decode({newlines}).answer, Answer::kBad);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 5000; ++i) trailers += "a\r\n";
  EXPECT_EQ(decode({trailers}).answer, Answer::kBad);
}

}  // namespace
}  // namespace plotbridge::endpoint
