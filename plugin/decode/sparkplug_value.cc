#include "plugin/decode/sparkplug_value.h"

#include "plugin/base/number_text.h"
#include "plugin/decode/json_text.h"
#include "plugin/decode/proto_scalar.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

namespace plotbridge::decode {
namespace {

constexpr int kMostDepth = 16;  // templates in templates
// What a data set may have of each, whatever becomes of them: they are remembered while it is read.
constexpr std::size_t kMostColumns = 10'000;
constexpr std::size_t kMostRows = 200'000;
constexpr std::uint64_t kGood = 192;

/// JSON that grows up to a limit. What does not fit ends the value.
class Text {
 public:
  Text(std::string& out, std::size_t room) : out_(out), end_(out.size() + room) {}

  std::string& out() { return out_; }
  std::size_t room() const { return end_ - std::min(end_, out_.size()); }
  bool too_long() const { return too_long_; }
  /// Whether what was appended so far fits.
  bool fits() { return out_.size() <= end_ || no_room(); }
  bool quoted(std::string_view text) { return append_quoted(text, out_, room()) || no_room(); }
  bool no_room() {
    too_long_ = true;
    return false;
  }

 private:
  std::string& out_;
  std::size_t end_;
  bool too_long_ = false;
};

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

// Each of these is false when the bytes are not what they should be, and when `text` has no room.

/// Elements of a fixed size.
bool append_fixed_array(std::uint32_t datatype, std::string_view bytes, Text& text) {
  std::string& out = text.out();
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
    if (!text.fits()) return false;
  }
  return true;
}

/// A count of four bytes, then bits, the most significant of each byte first.
bool append_boolean_array(std::string_view bytes, Text& text) {
  std::string& out = text.out();
  if (bytes.size() < 4) return false;
  std::uint32_t count = 0;
  std::memcpy(&count, bytes.data(), 4);
  if (count > (bytes.size() - 4) * 8) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    const auto byte = static_cast<unsigned char>(bytes[4 + i / 8]);
    out += (byte >> (7 - i % 8) & 1) != 0 ? "true" : "false";
    if (!text.fits()) return false;
  }
  return true;
}

/// Texts that each end with a zero byte.
bool append_string_array(std::string_view bytes, Text& text) {
  for (bool first = true; !bytes.empty(); first = false) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (!first) text.out() += ',';
    if (!text.quoted(bytes.substr(0, end))) return false;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return true;
}

bool append_array(std::uint32_t datatype, std::string_view bytes, Text& text) {
  text.out() += '[';
  const bool good = datatype == kStringArray    ? append_string_array(bytes, text)
                    : datatype == kBooleanArray ? append_boolean_array(bytes, text)
                                                : append_fixed_array(datatype, bytes, text);
  if (!good) return false;
  text.out() += ']';
  return text.fits();
}

bool append_json(const SparkplugMetric& metric, std::uint32_t datatype, Text& text, int depth);

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

  /// False: it is no data set, or has more of something than is taken.
  bool read(std::string_view bytes) {
    return each_field(bytes, [&](std::uint32_t number, WireType type, const WireValue& value) {
      if (number == 2 && type == WireType::kBytes) columns.push_back(value.bytes);
      if (number == 4 && type == WireType::kBytes) rows.push_back(value.bytes);
      if (number == 3 && type == WireType::kVarint) {
        types.push_back(static_cast<std::uint32_t>(value.bits));
      } else if (number == 3 && type == WireType::kBytes) {
        WireReader packed(value.bytes);
        std::uint64_t datatype = 0;
        while (types.size() < kMostColumns && !packed.done() && packed.varint(datatype)) {
          types.push_back(static_cast<std::uint32_t>(datatype));
        }
      }
      return columns.size() <= kMostColumns && types.size() <= kMostColumns &&
             rows.size() <= kMostRows;
    });
  }
};

/// An array of one object for each row.
bool append_data_set(std::string_view bytes, Text& text, int depth) {
  DataSet set;
  if (!set.read(bytes)) return set.rows.size() > kMostRows ? text.no_room() : false;
  std::string& out = text.out();
  out += '[';
  for (std::size_t row = 0; row < set.rows.size(); ++row) {
    if (row > 0) out += ',';
    out += '{';
    std::size_t column = 0;
    const bool good =
        each_field(set.rows[row], [&](std::uint32_t number, WireType, const WireValue& value) {
          if (number != 1 || column == set.columns.size()) return true;
          if (column > 0) out += ',';
          if (!text.quoted(set.columns[column])) return false;
          out += ':';
          const std::uint32_t datatype = column < set.types.size() ? set.types[column] : 0;
          ++column;
          return append_json(cell_of(value.bytes, 1), datatype, text, depth);
        });
    if (!good || !text.fits()) return false;
    out += '}';
  }
  out += ']';
  return text.fits();
}

/// An object of its members; parameters stand among them.
bool append_template(std::string_view bytes, Text& text, int depth) {
  std::string& out = text.out();
  char separator = '{';
  const auto begin_member = [&](std::string_view name) {
    out += std::exchange(separator, ',');
    const bool fits = text.quoted(name);
    out += ':';
    return fits;
  };
  const bool good = each_field(bytes, [&](std::uint32_t number, WireType type,
                                          const WireValue& value) {
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
    return begin_member(member.name) && append_json(member, datatype, text, depth) && text.fits();
  });
  if (separator == '{') out += '{';
  out += '}';
  return good && text.fits();
}

bool append_json(const SparkplugMetric& metric, std::uint32_t datatype, Text& text, int depth) {
  if (depth == kMostDepth) return false;
  if (metric.field == SparkplugField::kDataSet) {
    return append_data_set(metric.bytes, text, depth + 1);
  }
  if (metric.field == SparkplugField::kTemplate) {
    return append_template(metric.bytes, text, depth + 1);
  }
  std::string& out = text.out();
  std::string inner;
  const auto value = sparkplug_value(metric, datatype, text.room(), inner);
  if (!value) return text.no_room();
  switch (value->kind) {
    case Value::Kind::kText:
      return text.quoted(value->text);
    case Value::Kind::kNumber:
    case Value::Kind::kJson:
      out += value->text;
      break;
    case Value::Kind::kTime:
      if (!append_timestamp(time_of(metric.bits), out)) out += "null";
      break;
    case Value::Kind::kNull:
    case Value::Kind::kMissing:
      out += "null";
  }
  return text.fits();
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

/// A value whose JSON `append` writes: null when it is not what it should be; nothing: too long.
template <class Append>
std::optional<Value> json_value(std::string& out, std::size_t room, Append append) {
  out.clear();
  Text text(out, room);
  if (append(text)) return Value::json(out);
  if (text.too_long()) return std::nullopt;
  return Value::null();
}

}  // namespace

Value sparkplug_value(const SparkplugMetric& metric, std::uint32_t datatype, std::string& text) {
  return sparkplug_value(metric, datatype, kMaxLineBytes, text).value_or(Value::null());
}

std::optional<Value> sparkplug_value(const SparkplugMetric& metric, std::uint32_t datatype,
                                     std::size_t room, std::string& text) {
  if (metric.is_null || metric.field == SparkplugField::kNone) return Value::null();
  if (!metric.properties.empty() && quality_of(metric).value_or(kGood) != kGood) {
    return Value::null();
  }
  if (datatype == 0) datatype = default_datatype(metric.field);
  switch (metric.field) {
    case SparkplugField::kString:
      return Value::of_text(metric.bytes);
    case SparkplugField::kBytes:
      if (datatype >= kInt8Array && datatype <= kDateTimeArray) {
        return json_value(text, room,
                          [&](Text& out) { return append_array(datatype, metric.bytes, out); });
      }
      text.clear();
      if (!append_base64(metric.bytes, text, room)) return std::nullopt;
      return Value::of_text(text);
    case SparkplugField::kDataSet:
    case SparkplugField::kTemplate:
      return json_value(text, room,
                        [&](Text& out) { return append_json(metric, datatype, out, 0); });
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
