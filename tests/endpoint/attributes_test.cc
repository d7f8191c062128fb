// Concern: style and layout merge leaf by leaf into one valid nested object, and stay bounded.
#include "plugin/endpoint/attributes.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

std::string written(const Attributes& attributes) {
  std::string out;
  attributes.write(out);
  return out;
}

TEST(Attributes, WriteNothingAsAnEmptyObject) { EXPECT_EQ(written(Attributes()), "{}"); }

TEST(Attributes, NestAndMerge) {
  Attributes attributes;
  EXPECT_TRUE(attributes.merge(
      R"({"line":{"width":2},"a-b":1,"xaxis":{"title":{"text":"t"},"type":"date"}})"));
  EXPECT_TRUE(attributes.merge(R"({"line":{"color":"red","width":3}})"));
  EXPECT_EQ(written(attributes), R"({"a-b":1,"line":{"color":"red","width":3},)"
                                 R"("xaxis":{"title":{"text":"t"},"type":"date"}})");
}

TEST(Attributes, AnObjectTakesThePlaceOfATextAndBack) {
  Attributes attributes;
  attributes.set("title", R"("T")");
  attributes.set("titles", "1");
  attributes.set("title.text", R"("U")");
  attributes.set("title.font.size", "9");
  EXPECT_EQ(written(attributes), R"({"title":{"font":{"size":9},"text":"U"},"titles":1})");
  attributes.set("title", "null");
  EXPECT_EQ(written(attributes), R"({"title":null,"titles":1})");
}

TEST(Attributes, HoldNoLineEnds) {
  Attributes attributes;
  attributes.merge("{\"shapes\":\r\n[1,\r\n2]}");
  EXPECT_EQ(written(attributes), R"({"shapes":[1,  2]})");
}

TEST(Attributes, RefuseWhatIsBeyondTheirLimitAndRecoverRoom) {
  Attributes attributes;
  const std::string big =
      '"' + std::string(Attributes::kMaxBytes - 3 * Attributes::kLeafBytes, 'a') + '"';
  EXPECT_TRUE(attributes.set("a.b", big));
  EXPECT_FALSE(attributes.set("c", big));
  EXPECT_EQ(attributes.find("c"), "");
  EXPECT_TRUE(attributes.set("a", "1"));
  EXPECT_TRUE(attributes.set("c", big));
}

}  // namespace
}  // namespace plotbridge::endpoint
