// Concern: rows of cells as every tool writes them become one sample each; a bad row gives nothing
// of its payload and says where it is bad.
#include "tests/decode/samples.h"

#include <gtest/gtest.h>

namespace plotbridge::decode {
namespace {

DecodeSpec csv(std::vector<std::string> columns, char delimiter = ',') {
  DecodeSpec spec;
  spec.type = DecodeType::kCsv;
  spec.columns = std::move(columns);
  spec.delimiter = delimiter;
  return spec;
}

DecodeSpec with_header() {
  DecodeSpec spec = csv({});
  spec.header = true;
  return spec;
}

TEST(CsvDecoder, ACellThatIsANumberIsOneDigitForDigitAndAnyOtherIsText) {
  EXPECT_EQ(run(csv({"a", "b", "c", "d"}), {"a", "b", "c", "d"}, "2.50,RUNNING,, 007 ").samples,
            (Samples{"2.50 | \"RUNNING\" | \"\" | \" 007 \""}));
  EXPECT_EQ(run(csv({"a", "b"}), {"b", "a"}, " 1 ,-3e8\t").samples, (Samples{"-3e8 | 1"}));
}

TEST(CsvDecoder, EachRowIsASampleWhateverItsLineEnd) {
  const DecodeSpec spec = csv({"t", "v"}, ';');
  for (const std::string_view payload :
       {"1;10\n2;20\n", "1;10\r\n2;20\r\n", "1;10\r2;20", "\n1;10\n\n\n2;20\n\n",
        "\xEF\xBB\xBF"
        "1;10\n2;20"}) {
    EXPECT_EQ(run(spec, {"t", "v"}, payload).samples, (Samples{"1 | 10", "2 | 20"})) << payload;
  }
}

TEST(CsvDecoder, QuotedCellsHoldDelimitersQuotesAndLineEnds) {
  EXPECT_EQ(run(csv({"a", "b"}), {"a", "b"}, "\"x,\"\"y\"\"\r\nz\",2\n\"\",\"5\"").samples,
            (Samples{"\"x,\"y\"\r\nz\" | 2", "\"\" | 5"}));
}

TEST(CsvDecoder, TheHeaderNamesTheColumnsOfItsOwnPayload) {
  EXPECT_EQ(run(with_header(), {"temp"}, "id,temp\n7,21.5\n8,22\n").samples,
            (Samples{"21.5", "22"}));
  EXPECT_EQ(run(with_header(), {"temp"}, "\"temp\", id\n21.5,7").samples, (Samples{"21.5"}));
  EXPECT_EQ(run(with_header(), {"temp"}, "id,temp\n").samples, Samples{});
  EXPECT_EQ(run(with_header(), {"temp"}, "id\n7").samples, (Samples{"-"}));
}

TEST(CsvDecoder, ValueIsTheOnlyColumn) {
  EXPECT_EQ(run(csv({"v"}), {"$value"}, "4\n5").samples, (Samples{"4", "5"}));
  EXPECT_EQ(run(csv({}), {"$value"}, "4\n5").samples, (Samples{"4", "5"}));
  EXPECT_EQ(run(with_header(), {"$value"}, "v\n4").samples, (Samples{"4"}));
}

TEST(CsvDecoder, AShortRowMissesFieldsAndALongOneIsAnError) {
  EXPECT_EQ(run(csv({"a", "b"}), {"a", "b"}, "1\n2,3").samples, (Samples{"1 | -", "2 | 3"}));
  const Decoded decoded = run(csv({"a", "b"}), {"a"}, "1,2\n3,4,5,6\n");
  EXPECT_EQ(decoded.samples, Samples{});
  EXPECT_EQ(decoded.error.kind, "csv");
  EXPECT_EQ(decoded.error.message,
            "row 2 has 4 cells, but there are 2 columns: the first that is too many is at byte 8");
  EXPECT_EQ(decoded.error.offset, 8U);
}

TEST(CsvDecoder, ABadQuoteIsToldWithItsRow) {
  const Decoded open = run(csv({"a"}), {"a"}, "1\n\"2\n3");
  EXPECT_EQ(open.samples, Samples{});
  EXPECT_EQ(open.error.message,
            "row 2: expected the quote that ends the cell of byte 2 at byte 6, found the end");
  const Decoded after = run(csv({"a", "b"}), {"a"}, "\"1\"2,3");
  EXPECT_EQ(after.error.message,
            "row 1: expected the delimiter after a quoted cell at byte 3, found \"2,3\"");
}

TEST(CsvDecoder, NothingAtAllIsAnError) {
  for (const std::string_view payload : {"", "\n\r\n"}) {
    EXPECT_EQ(run(csv({"a"}), {"a"}, payload).error.kind, "empty");
    EXPECT_EQ(run(with_header(), {"a"}, payload).error.kind, "empty");
  }
}

TEST(CsvDecoder, OneDecoderReadsManyPayloads) {
  const auto decoder = make_decoder(with_header(), paths({"b"}));
  EXPECT_EQ(run(*decoder, "a,b\n1,2").samples, (Samples{"2"}));
  EXPECT_EQ(run(*decoder, "\"").error.kind, "csv");
  EXPECT_EQ(run(*decoder, "b,a\n1,2").samples, (Samples{"1"}));
}

}  // namespace
}  // namespace plotbridge::decode
