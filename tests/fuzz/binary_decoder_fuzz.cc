// Concern: any bytes under any layout give either an error or lines of strict JSON. The first bytes
// are the layout.
#include "plugin/decode/binary_decoder.h"

#include "tests/fuzz/strict_lines.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

using namespace plotbridge;

namespace {

BinaryField field_of(std::uint8_t what, std::uint8_t where) {
  BinaryField field;
  field.name = std::to_string(where);
  field.type = static_cast<BinaryField::Type>(what & 3);
  field.at = where & 15;
  field.size = std::size_t{1} << (what >> 2 & 3);
  if (field.type == BinaryField::Type::kFloat) field.size = (what & 4) != 0 ? 4 : 8;
  if (field.type == BinaryField::Type::kBits) {
    field.size = 1;
    field.low_bit = what >> 2 & 7;
    field.bits = field.low_bit == 0 ? 8 : 8 - field.low_bit;
  }
  if ((what & 0x80) != 0) {
    field.scale = -1e-3;
    field.offset = 1e10;
  }
  return field;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kFields = 3;
  if (size < 1 + 2 * kFields) return 0;
  DecodeSpec spec;
  spec.type = DecodeType::kBinary;
  spec.endian = (data[0] & 1) != 0 ? Endian::kBig : Endian::kLittle;
  std::vector<FieldPath> fields;
  for (std::size_t i = 0; i < kFields; ++i) {
    spec.fields.push_back(field_of(data[1 + 2 * i], data[2 + 2 * i]));
    fields.push_back(FieldPath{{spec.fields.back().name}});
  }
  decode::BinaryDecoder decoder(spec, fields);
  const std::string_view payload(reinterpret_cast<const char*>(data) + 1 + 2 * kFields,
                                 size - 1 - 2 * kFields);
  lines_must_be_strict(decoder, fields.size(), payload);
  return 0;
}
