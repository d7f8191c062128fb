// What a route's `decode` says: how a payload is packed and what is in it. Read by config, carried
// out by decode. Pure value; any thread.
#pragma once

#include "plugin/model/field_path.h"
#include "plugin/model/time_unit.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge {

enum class DecodeType : std::uint8_t {
  kNumber,
  kText,
  kJson,
  kCsv,
  kBinary,
  kProtobuf,
  kSparkplug,
};

enum class Compression : std::uint8_t { kNone, kGzip, kZlib, kZstd, kAuto };

/// Whether numbers of several bytes start with their least or most significant one.
enum class Endian : std::uint8_t { kLittle, kBig };

/// One field of a `binary` payload.
struct BinaryField {
  enum class Type : std::uint8_t { kUnsigned, kSigned, kFloat, kBits };

  std::string name;
  Type type = Type::kUnsigned;
  std::size_t at = 0;    // byte
  std::size_t size = 1;  // bytes: 1, 2, 4 or 8
  /// kBits: the lowest of `bits` bits of the byte, from the least significant on. All eight are an
  /// array of 0 and 1; fewer are one unsigned number.
  unsigned low_bit = 0;
  unsigned bits = 8;
  double scale = 1;
  double offset = 0;

  bool operator==(const BinaryField&) const = default;
};

/// Whether we only listen to edge nodes, also ask them for births, or are also the host that they
/// wait for.
enum class SparkplugHostRole : std::uint8_t { kPassive, kActive, kPrimary };

/// What $timestamp is.
struct TimestampSpec {
  FieldPath field;
  TimeUnit unit = TimeUnit::kUnixMs;

  bool operator==(const TimestampSpec&) const = default;
};

/// Points that one message may give where the configuration says nothing else.
inline constexpr std::size_t kDefaultMaxPoints = 10'000;

struct DecodeSpec {
  DecodeType type = DecodeType::kNumber;
  Compression compression = Compression::kNone;
  /// Rows, elements, messages or metrics of one payload; more of them are an error.
  std::size_t max_points = kDefaultMaxPoints;
  std::optional<TimestampSpec> timestamp;
  /// json and protobuf: one sample for each element of this array.
  std::optional<FieldPath> each;

  // csv
  std::vector<std::string> columns;
  char delimiter = ',';
  bool header = false;  // the first row names the columns

  // binary
  Endian endian = Endian::kLittle;
  std::vector<BinaryField> fields;

  // protobuf
  std::string message;     // full name
  bool delimited = false;  // several messages, each with its length before it

  // sparkplug
  std::vector<std::string> metrics;  // globs; empty: all but controls
  SparkplugHostRole host = SparkplugHostRole::kPassive;
  std::string host_id;  // kPrimary

  bool operator==(const DecodeSpec&) const = default;
};

}  // namespace plotbridge
