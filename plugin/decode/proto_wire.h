// Reads the wire format of protobuf: tags, numbers, lengths, groups; and what is wrong with it.
// Never takes memory, whatever a length says. Leaves to others: what fields mean. Pure; one thread
// at a time.
#pragma once

#include "plugin/decode/proto_type.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge::decode {

enum class WireType : std::uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

/// A field's value as it stands on the wire.
struct WireValue {
  std::uint64_t bits = 0;       // of a number
  std::string_view bytes = {};  // of a text, bytes or a message
};

class WireReader {
 public:
  /// Groups may stand this deep in each other.
  static constexpr int kMaxDepth = 100;

  explicit WireReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }
  const char* at() const { return at_; }
  /// After a call that answered false: what should have stood at `at()`.
  std::string_view expected() const { return expected_; }

  bool tag(std::uint32_t& number, WireType& type);
  bool varint(std::uint64_t& out) {
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) {
      out = static_cast<unsigned char>(*at_++);
      return true;
    }
    return long_varint(out);
  }
  /// The value of field `number` whose tag was read, whatever it is.
  bool value(std::uint32_t number, WireType type, WireValue& out);

 private:
  bool long_varint(std::uint64_t& out);
  bool fixed(std::size_t size, std::uint64_t& out);
  bool bytes(std::string_view& out);
  /// Up to the end of group `number`.
  bool group(std::uint32_t number, std::string_view& content);
  bool fail(std::string_view expected) {
    expected_ = expected;
    return false;
  }

  const char* at_;
  const char* end_;
  std::string_view expected_;
  int depth_ = 0;
};

/// How one value of a kind stands on the wire.
WireType wire_type_of(ProtoKind kind);

}  // namespace plotbridge::decode
