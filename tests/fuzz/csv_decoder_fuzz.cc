// Concern: any rows give either an error inside the payload or lines of strict JSON. The first byte
// chooses delimiter and header.
#include "plugin/decode/csv_decoder.h"

#include "tests/fuzz/strict_lines.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  DecodeSpec spec;
  spec.type = DecodeType::kCsv;
  spec.delimiter = ",;\t|"[data[0] & 3];
  spec.header = (data[0] & 4) != 0;
  if (!spec.header) spec.columns = {"a", "b", "c"};
  const std::vector<FieldPath> fields{FieldPath::parse("a").value(), FieldPath::parse("c").value()};
  decode::CsvDecoder decoder(spec, fields);
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1, size - 1);
  lines_must_be_strict(decoder, fields.size(), payload);
  return 0;
}
