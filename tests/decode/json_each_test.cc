// Concern: a batch in one document becomes one sample for each element, which knows its document.
#include "plugin/decode/json_paths.h"

#include "tests/decode/samples.h"

#include <gtest/gtest.h>

namespace plotbridge::decode {
namespace {

DecodeSpec each(std::string_view path) {
  DecodeSpec spec;
  spec.type = DecodeType::kJson;
  spec.each = path == "$value" ? FieldPath{} : FieldPath::parse(path).value();
  return spec;
}

TEST(JsonEach, AnElementsFieldsComeBeforeTheDocuments) {
  EXPECT_EQ(run(each("m.rows"), {"t", "v.x[1]", "unit"},
                R"({"t": 1, "unit": "bar", "m": {"rows": [{"t": 2, "v": {"x": [5, 6]}},)"
                R"( {"v": {"x": [7]}, "unit": "\u00b0C"}]}})")
                .samples,
            (Samples{"2 | 6 | \"bar\"", "1 | - | \"°C\""}));
}

TEST(JsonEach, ValueIsTheElement) {
  EXPECT_EQ(run(each("v"), {"$value", "id"}, R"({"v": [1.50, "a", null, [2], {"id": 3}], "id": 9})")
                .samples,
            (Samples{"1.50 | 9", "\"a\" | 9", "null | 9", "[2] | 9", "{\"id\": 3} | 3"}));
}

TEST(JsonEach, TheDocumentItselfMayBeTheArray) {
  EXPECT_EQ(run(each("$value"), {"v"}, R"( [ {"v": 1} , {"v":2} ] )").samples, (Samples{"1", "2"}));
  EXPECT_EQ(run(each("[1]"), {"$value"}, R"([[1], [2, 3]])").samples, (Samples{"2", "3"}));
}

TEST(JsonEach, NoElementIsNoSampleAndNoError) {
  const Decoded decoded = run(each("v"), {"$value"}, R"({"v": []})");
  EXPECT_EQ(decoded.samples, Samples{});
  EXPECT_EQ(decoded.error.kind, "");
}

TEST(JsonEach, WhatIsNoArrayIsToldWithWhatItIs) {
  EXPECT_EQ(run(each("v"), {"$value"}, R"({"w": []})").error.message,
            "the payload has no array v for `each`");
  EXPECT_EQ(run(each("v"), {"$value"}, R"({"v": {"a": 1}})").error.message,
            "`each` needs an array, but v is none: found \"{\"a\": 1}}\"");
  EXPECT_EQ(run(each("v"), {"$value"}, R"({"v": null})").error.kind, "not_an_array");
  EXPECT_EQ(run(each("v"), {"$value"}, R"({"v": [1, 2)").samples, Samples{});
}

TEST(JsonPaths, NamesWhatADocumentHoldsAsARouteWouldWriteIt) {
  EXPECT_EQ(json_paths(R"({"a": 1, "b": {"c": [true, {"d": null}]}, "e": [], "f": "x"})"),
            "a, b.c[0], b.c[1].d, f");
  EXPECT_EQ(json_paths("[1, [2]]"), "[0], [1][0]");
  EXPECT_EQ(json_paths("5"), "");
  EXPECT_EQ(json_paths("{"), "");
  std::string many = "[";
  for (int i = 0; i < 100; ++i) many += "1,";
  EXPECT_TRUE(json_paths(many + "1]").ends_with("[29], ..."));
}

}  // namespace
}  // namespace plotbridge::decode
