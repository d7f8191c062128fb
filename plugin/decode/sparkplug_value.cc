#include "plugin/decode/sparkplug_value.h"

#include "plugin/base/number_text.h"
#include "plugin/decode/json_text.h"
#include "plugin/decode/proto_scalar.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace plotbridge::decode {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of base64 and JSON
constexpr int kMostDepth = 16;                            // templates in templates
constexpr std::uint64_t kGood = 192;

bool is_signed(std::uint32_t datatype) { return datatype >= kInt8 && datatype <= kInt64; }

/// 1, 2, 4 or 8, of Int8 to UInt64.
unsigned bytes_of_integer(std::uint32_t datatype) { return 1U << ((datatype - 1) % 4); }

/// Producers differ in how far they extend a sign: only the datatype's own bits count.
void append_integer_of(std::uint32_t datatype, std::uint64_t bits, std::string& out) {
  const auto unused = static_cast<int>(64 - 8 * bytes_of_integer(datatype));
  const std::uint64_t high = bits << unused;
  if (is_signed(datatype)) {
    append_integer(static_cast<std::int64_t>(high) >> unused, out);
  } else {
    append_unsigned(high >> unused, out);
  }
}

ProtoTime time_of(std::uint64_t ms) {
  const auto count = static_cast<std::int64_t>(ms);
  const std::int64_t seconds = count / 1000 - (count % 1000 < 0 ? 1 : 0);
  return {seconds, static_cast<std::int32_t>((count - seconds * 1000) * 1'000'000)};
}

double as_double(const SparkplugMetric& metric) {
  if (metric.field == SparkplugField::kFloat) {
    return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(metric.bits)));
  }
  return metric.field == SparkplugField::kDouble ? std::bit_cast<double>(metric.bits)
                                                 : static_cast<double>(metric.bits);
}

bool is_integer_field(SparkplugField field) {
  return field == SparkplugField::kInt || field == SparkplugField::kLong ||
         field == SparkplugField::kBoolean;
}

/// The datatype that a field has when nobody said another.
std::uint32_t default_datatype(SparkplugField field) {
  switch (field) {
    case SparkplugField::kInt:
    case SparkplugField::kLong:
      return kUInt64;
    case SparkplugField::kFloat:
      return kSparkplugFloat;
    case SparkplugField::kDouble:
      return kSparkplugDouble;
    case SparkplugField::kBoolean:
      return kBoolean;
    case SparkplugField::kNone:
    case SparkplugField::kString:
    case SparkplugField::kBytes:
    case SparkplugField::kDataSet:
    case SparkplugField::kTemplate:
    case SparkplugField::kExtension:
      break;
  }
  return 0;
}

/// Elements of a fixed size; false when the bytes are no whole number of them.
bool append_fixed_array(std::uint32_t datatype, std::string_view bytes, std::string& out) {
  const bool integers = datatype <= kUInt64Array;
  const std::size_t size = integers                  ? bytes_of_integer(datatype - kInt8Array + 1)
                           : datatype == kFloatArray ? 4
                                                     : 8;
  if (bytes.size() % size != 0) return false;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, size);
    if (at > 0) out += ',';
    if (integers) {
      append_integer_of(datatype - kInt8Array + 1, bits, out);
    } else if (datatype == kFloatArray) {
      append_shortest(std::bit_cast<float>(static_cast<std::uint32_t>(bits)), out);
    } else if (datatype == kDoubleArray) {
      append_shortest(std::bit_cast<double>(bits), out);
    } else if (!append_timestamp(time_of(bits), out)) {
      out += "null";
    }
  }
  return true;
}

/// A count of four bytes, then bits, the most significant of each byte first.
bool append_boolean_array(std::string_view bytes, std::string& out) {
  if (bytes.size() < 4) return false;
  std::uint32_t count = 0;
  std::memcpy(&count, bytes.data(), 4);
  if (count > (bytes.size() - 4) * 8) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    const auto byte = static_cast<unsigned char>(bytes[4 + i / 8]);
    out += (byte >> (7 - i % 8) & 1) != 0 ? "true" : "false";
  }
  return true;
}

/// Texts that each end with a zero byte.
void append_string_array(std::string_view bytes, std::string& out) {
  for (bool first = true; !bytes.empty(); first = false) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (!first) out += ',';
    append_quoted(bytes.substr(0, end), out);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

bool append_array(std::uint32_t datatype, std::string_view bytes, std::string& out) {
  out += '[';
  if (datatype == kStringArray) {
    append_string_array(bytes, out);
  } else if (datatype == kBooleanArray) {
    if (!append_boolean_array(bytes, out)) return false;
  } else if (!append_fixed_array(datatype, bytes, out)) {
    return false;
  }
  out += ']';
  return true;
}

bool append_json(const SparkplugMetric& metric, std::uint32_t datatype, std::string& out,
                 int depth);

/// Calls `take(number, value)` for each field; false when the bytes are no message.
template <class Take>
bool each_field(std::string_view bytes, Take take) {
  WireReader reader(bytes);
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType type{};
    WireValue value;
    if (!reader.tag(number, type) || !reader.value(number, type, value)) return false;
    if (!take(number, type, value)) return false;
  }
  return true;
}

/// A cell of a data set, or a parameter: the value fields of a metric at other numbers.
SparkplugMetric cell_of(std::string_view bytes, std::uint32_t first) {
  SparkplugMetric cell;
  each_field(bytes, [&](std::uint32_t number, WireType, const WireValue& value) {
    if (number >= first && number < first + 6) {
      cell.field = static_cast<SparkplugField>(number - first + 1);
      cell.bits = value.bits;
      cell.bytes = value.bytes;
    }
    return true;
  });
  return cell;
}

struct DataSet {
  std::vector<std::string_view> columns;
  std::vector<std::uint32_t> types;
  std::vector<std::string_view> rows;

  bool read(std::string_view bytes) {
    return each_field(bytes, [&](std::uint32_t number, WireType type, const WireValue& value) {
      if (number == 2 && type == WireType::kBytes) columns.push_back(value.bytes);
      if (number == 4 && type == WireType::kBytes) rows.push_back(value.bytes);
      if (number == 3 && type == WireType::kVarint) {
        types.push_back(static_cast<std::uint32_t>(value.bits));
      } else if (number == 3 && type == WireType::kBytes) {
        WireReader packed(value.bytes);
        std::uint64_t datatype = 0;
        while (!packed.done() && packed.varint(datatype)) {
          types.push_back(static_cast<std::uint32_t>(datatype));
        }
      }
      return true;
    });
  }
};

/// An array of one object for each row.
bool append_data_set(std::string_view bytes, std::string& out, int depth) {
  DataSet set;
  if (!set.read(bytes)) return false;
  out += '[';
  for (std::size_t row = 0; row < set.rows.size(); ++row) {
    if (row > 0) out += ',';
    out += '{';
    std::size_t column = 0;
    const bool good =
        each_field(set.rows[row], [&](std::uint32_t number, WireType, const WireValue& value) {
          if (number != 1 || column == set.columns.size()) return true;
          if (column > 0) out += ',';
          append_quoted(set.columns[column], out);
          out += ':';
          const std::uint32_t datatype = column < set.types.size() ? set.types[column] : 0;
          ++column;
          return append_json(cell_of(value.bytes, 1), datatype, out, depth);
        });
    if (!good || out.size() > kMostBytes) return false;
    out += '}';
  }
  out += ']';
  return true;
}

/// An object of its members; parameters stand among them.
bool append_template(std::string_view bytes, std::string& out, int depth) {
  char separator = '{';
  const auto begin_member = [&](std::string_view name) {
    out += std::exchange(separator, ',');
    append_quoted(name, out);
    out += ':';
  };
  const bool good =
      each_field(bytes, [&](std::uint32_t number, WireType type, const WireValue& value) {
        if (type != WireType::kBytes || (number != 2 && number != 3)) return true;
        SparkplugMetric member;
        WireReader reader({});
        std::uint32_t datatype = 0;
        if (number == 2) {
          if (!read_sparkplug_metric(value.bytes, member, reader)) return false;
          datatype = member.datatype;
        } else {
          member = cell_of(value.bytes, 3);
          each_field(value.bytes, [&](std::uint32_t part, WireType, const WireValue& inside) {
            if (part == 1) member.name = inside.bytes;
            if (part == 2) datatype = static_cast<std::uint32_t>(inside.bits);
            return true;
          });
        }
        begin_member(member.name);
        return append_json(member, datatype, out, depth) && out.size() <= kMostBytes;
      });
  if (separator == '{') out += '{';
  out += '}';
  return good;
}

bool append_json(const SparkplugMetric& metric, std::uint32_t datatype, std::string& out,
                 int depth) {
  if (depth == kMostDepth) return false;
  if (metric.field == SparkplugField::kDataSet)
    return append_data_set(metric.bytes, out, depth + 1);
  if (metric.field == SparkplugField::kTemplate) {
    return append_template(metric.bytes, out, depth + 1);
  }
  std::string text;
  const Value value = sparkplug_value(metric, datatype, text);
  switch (value.kind) {
    case Value::Kind::kText:
      append_quoted(value.text, out);
      break;
    case Value::Kind::kNumber:
    case Value::Kind::kJson:
      out += value.text;
      break;
    case Value::Kind::kTime:
      if (!append_timestamp(time_of(metric.bits), out)) out += "null";
      break;
    case Value::Kind::kNull:
    case Value::Kind::kMissing:
      out += "null";
  }
  return true;
}

Value number_value_of(const SparkplugMetric& metric, std::uint32_t datatype, std::string& text) {
  if (datatype == kBoolean) return Value::json(metric.bits != 0 ? "true" : "false");
  if (datatype == kDateTime) {
    const auto time = wall_time_of(time_of(metric.bits));
    return time ? Value::of_time(*time) : Value::null();
  }
  text.clear();
  const bool integer = datatype >= kInt8 && datatype <= kUInt64;
  if (integer && is_integer_field(metric.field)) {
    append_integer_of(datatype, metric.bits, text);
  } else if (metric.field == SparkplugField::kFloat) {
    append_shortest(std::bit_cast<float>(static_cast<std::uint32_t>(metric.bits)), text);
  } else {
    append_shortest(as_double(metric), text);
  }
  return text == "null" ? Value::null() : Value::number(text);
}

}  // namespace

Value sparkplug_value(const SparkplugMetric& metric, std::uint32_t datatype, std::string& text) {
  if (metric.is_null || metric.field == SparkplugField::kNone) return Value::null();
  if (!metric.properties.empty() && quality_of(metric).value_or(kGood) != kGood) {
    return Value::null();
  }
  if (datatype == 0) datatype = default_datatype(metric.field);
  switch (metric.field) {
    case SparkplugField::kString:
      return Value::of_text(metric.bytes);
    case SparkplugField::kBytes:
      text.clear();
      if (datatype >= kInt8Array && datatype <= kDateTimeArray) {
        return append_array(datatype, metric.bytes, text) ? Value::json(text) : Value::null();
      }
      if (metric.bytes.size() > kMostBytes) return Value::null();
      append_base64(metric.bytes, text);
      return Value::of_text(text);
    case SparkplugField::kDataSet:
    case SparkplugField::kTemplate:
      text.clear();
      return append_json(metric, datatype, text, 0) ? Value::json(text) : Value::null();
    case SparkplugField::kInt:
    case SparkplugField::kLong:
    case SparkplugField::kFloat:
    case SparkplugField::kDouble:
    case SparkplugField::kBoolean:
      return number_value_of(metric, datatype, text);
    case SparkplugField::kNone:
    case SparkplugField::kExtension:
      break;
  }
  return Value::null();
}

}  // namespace plotbridge::decode
