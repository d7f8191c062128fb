// Concern: any payload gives either an error inside the payload or lines of strict JSON, with and
// without `each`.
#include "plugin/decode/json_decoder.h"

#include "tests/fuzz/strict_lines.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace plotbridge;

namespace {

std::vector<FieldPath> some_fields() {
  std::vector<FieldPath> fields{FieldPath{}};
  for (const std::string_view path : {"a", "a.b", "a[0]", "a[1].b", "[0]", "[1].a", "b"}) {
    fields.push_back(FieldPath::parse(path).value());
  }
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto fields = some_fields();
  static decode::JsonDecoder whole(fields);
  static decode::JsonDecoder each(fields, FieldPath::parse("a").value());
  static decode::JsonDecoder elements(fields, FieldPath{});
  const std::string_view payload(reinterpret_cast<const char*>(data), size);
  lines_must_be_strict(whole, fields.size(), payload);
  lines_must_be_strict(each, fields.size(), payload);
  lines_must_be_strict(elements, fields.size(), payload);
  return 0;
}
