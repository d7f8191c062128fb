#include "plugin/decode/proto_wire.h"

#include <bit>
#include <cstring>

namespace plotbridge::decode {

static_assert(std::endian::native == std::endian::little, "fixed numbers are read as they stand");

bool WireReader::long_varint(std::uint64_t& out) {
  std::uint64_t value = 0;
  const char* at = at_;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at == end_) return fail("the rest of a number");
    const auto byte = static_cast<unsigned char>(*at++);
    // Of the tenth byte one bit counts, as protobuf's own parser has it.
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (shift < 64 ? shift : 0);
    if (byte < 0x80) {
      out = value;
      at_ = at;
      return true;
    }
  }
  return fail("a number of at most 10 bytes");
}

bool WireReader::tag(std::uint32_t& number, WireType& type) {
  const char* start = at_;
  std::uint64_t tag = 0;
  if (!varint(tag)) return false;
  number = static_cast<std::uint32_t>(tag) >> 3;
  const auto wire = static_cast<unsigned>(tag & 7);
  if (at_ - start > 5 || number == 0 || wire > 5) {
    at_ = start;
    return fail("a field's tag");
  }
  type = static_cast<WireType>(wire);
  return true;
}

bool WireReader::fixed(std::size_t size, std::uint64_t& out) {
  if (static_cast<std::size_t>(end_ - at_) < size) return fail("the rest of a fixed number");
  out = 0;
  std::memcpy(&out, at_, size);
  at_ += size;
  return true;
}

bool WireReader::bytes(std::string_view& out) {
  const char* start = at_;
  std::uint64_t size = 0;
  if (!varint(size)) return false;
  if (size > static_cast<std::uint64_t>(end_ - at_)) {
    at_ = start;
    return fail("a length that fits into what is left");
  }
  out = std::string_view(at_, size);
  at_ += size;
  return true;
}

bool WireReader::value(std::uint32_t number, WireType type, WireValue& out) {
  switch (type) {
    case WireType::kVarint:
      return varint(out.bits);
    case WireType::kFixed64:
      return fixed(8, out.bits);
    case WireType::kFixed32:
      return fixed(4, out.bits);
    case WireType::kBytes:
      return bytes(out.bytes);
    case WireType::kGroup:
      return group(number, out.bytes);
    case WireType::kEndGroup:
      break;
  }
  return fail("a field, not the end of a group that never began");
}

bool WireReader::group(std::uint32_t number, std::string_view& content) {
  if (depth_ == kMaxDepth) return fail("groups at most 100 deep");
  ++depth_;
  const char* start = at_;
  for (;;) {
    const char* before = at_;
    if (done()) return fail("the end of a group");
    std::uint32_t inner = 0;
    WireType type{};
    if (!tag(inner, type)) return false;
    if (type == WireType::kEndGroup) {
      if (inner != number) {
        at_ = before;
        return fail("the end of the group that is open");
      }
      content = std::string_view(start, static_cast<std::size_t>(before - start));
      --depth_;
      return true;
    }
    WireValue skipped;
    if (!value(inner, type, skipped)) return false;
  }
}

WireType wire_type_of(ProtoKind kind) {
  switch (kind) {
    case ProtoKind::kDouble:
    case ProtoKind::kFixed64:
    case ProtoKind::kSfixed64:
      return WireType::kFixed64;
    case ProtoKind::kFloat:
    case ProtoKind::kFixed32:
    case ProtoKind::kSfixed32:
      return WireType::kFixed32;
    case ProtoKind::kString:
    case ProtoKind::kMessage:
    case ProtoKind::kBytes:
      return WireType::kBytes;
    case ProtoKind::kGroup:
      return WireType::kGroup;
    case ProtoKind::kInt64:
    case ProtoKind::kUint64:
    case ProtoKind::kInt32:
    case ProtoKind::kBool:
    case ProtoKind::kUint32:
    case ProtoKind::kEnum:
    case ProtoKind::kSint32:
    case ProtoKind::kSint64:
      break;
  }
  return WireType::kVarint;
}

}  // namespace plotbridge::decode
