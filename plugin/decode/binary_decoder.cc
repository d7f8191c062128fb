#include "plugin/decode/binary_decoder.h"

#include "plugin/base/number_text.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <variant>

namespace plotbridge::decode {
namespace {

std::uint64_t read_bytes(std::string_view bytes, bool big) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[big ? i : bytes.size() - 1 - i]);
    value = value << 8 | byte;
  }
  return value;
}

std::int64_t signed_value(std::uint64_t raw, std::size_t size) {
  const auto unused = static_cast<int>(64 - size * 8);
  return static_cast<std::int64_t>(raw << unused) >> unused;
}

unsigned bits_of(std::uint64_t byte, const BinaryField& field) {
  return static_cast<unsigned>(byte >> field.low_bit) & ((1U << field.bits) - 1);
}

double float_value(std::uint64_t raw, std::size_t size) {
  return size == 4 ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(raw)))
                   : std::bit_cast<double>(raw);
}

double as_double(std::uint64_t raw, const BinaryField& field) {
  switch (field.type) {
    case BinaryField::Type::kSigned:
      return static_cast<double>(signed_value(raw, field.size));
    case BinaryField::Type::kFloat:
      return float_value(raw, field.size);
    case BinaryField::Type::kUnsigned:
      return static_cast<double>(raw);
    case BinaryField::Type::kBits:
      break;
  }
  return bits_of(raw, field);
}

void append_unscaled(std::uint64_t raw, const BinaryField& field, std::string& out) {
  switch (field.type) {
    case BinaryField::Type::kSigned:
      return append_integer(signed_value(raw, field.size), out);
    case BinaryField::Type::kFloat:
      if (field.size == 8) return append_shortest(std::bit_cast<double>(raw), out);
      return append_shortest(std::bit_cast<float>(static_cast<std::uint32_t>(raw)), out);
    case BinaryField::Type::kUnsigned:
      return append_unsigned(raw, out);
    case BinaryField::Type::kBits:
      break;
  }
  append_unsigned(bits_of(raw, field), out);
}

bool is_array(const BinaryField& field) {
  return field.type == BinaryField::Type::kBits && field.bits == 8;
}

void append_bit_array(std::uint64_t byte, std::string& out) {
  for (unsigned bit = 0; bit < 8; ++bit) {
    out += bit == 0 ? '[' : ',';
    out += (byte >> bit & 1) != 0 ? '1' : '0';
  }
  out += ']';
}

/// The field that `path` names; of an array of bits with an index that one bit.
BinaryField find_field(const std::vector<BinaryField>& all, const FieldPath& path) {
  if (path.steps.empty()) return all.front();
  for (const BinaryField& field : all) {
    if (path.steps[0] != FieldPath::Step(field.name)) continue;
    BinaryField found = field;
    if (path.steps.size() == 2) {
      found.low_bit = static_cast<unsigned>(std::get<std::size_t>(path.steps[1]));
      found.bits = 1;
    }
    return found;
  }
  return all.front();  // config refuses what is not there
}

}  // namespace

BinaryDecoder::BinaryDecoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields)
    : big_(spec.endian == Endian::kBig), slots_(fields.size()) {
  for (const FieldPath& path : fields) wanted_.push_back({find_field(spec.fields, path)});
  for (const BinaryField& field : spec.fields) {
    if (field.at + field.size < size_) continue;
    size_ = field.at + field.size;
    last_name_ = field.name;
  }
}

tl::expected<void, DecodeError> BinaryDecoder::decode(std::string_view payload,
                                                      const TakeSample& take) {
  if (payload.size() < size_) {
    return tl::make_unexpected(
        DecodeError{"too_short",
                    "expected " + std::to_string(size_) + " bytes, up to the end of field `" +
                        last_name_ + "`, but the payload has " + std::to_string(payload.size()),
                    payload.size()});
  }
  texts_.clear();
  ends_.clear();
  for (Wanted& wanted : wanted_) {
    read(wanted, payload);
    ends_.push_back(texts_.size());
  }
  for (std::size_t i = 0, start = 0; i < wanted_.size(); start = ends_[i++]) {
    const std::string_view text = std::string_view(texts_).substr(start, ends_[i] - start);
    slots_[i] = wanted_[i].null              ? Value::null()
                : is_array(wanted_[i].field) ? Value::json(text)
                                             : Value::number(text);
  }
  take(slots_);
  return {};
}

void BinaryDecoder::read(Wanted& wanted, std::string_view payload) {
  const BinaryField& field = wanted.field;
  const std::uint64_t raw = read_bytes(payload.substr(field.at, field.size), big_);
  wanted.null =
      field.type == BinaryField::Type::kFloat && !std::isfinite(float_value(raw, field.size));
  if (wanted.null) return;
  if (is_array(field)) {
    append_bit_array(raw, texts_);
  } else if (field.scale == 1 && field.offset == 0) {
    append_unscaled(raw, field, texts_);
  } else {
    const double value = as_double(raw, field) * field.scale + field.offset;
    wanted.null = !std::isfinite(value);
    if (!wanted.null) append_rounded(value, texts_);
  }
}

}  // namespace plotbridge::decode
