#include "plugin/base/crc32c.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace plotbridge {
namespace {

using Table = std::array<std::uint32_t, 256>;

// kTables[n][byte]: what `byte` does to the checksum when n more bytes follow it.
constexpr std::array<Table, 8> kTables = [] {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;  // bits reversed
  std::array<Table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = crc;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}();

std::uint64_t load_little_endian(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
  return value;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) {
  std::uint32_t crc = ~before;
  while (bytes.size() >= 8) {
    const std::uint64_t eight = load_little_endian(bytes.data()) ^ crc;
    crc = kTables[7][eight & 0xff] ^ kTables[6][(eight >> 8) & 0xff] ^
          kTables[5][(eight >> 16) & 0xff] ^ kTables[4][(eight >> 24) & 0xff] ^
          kTables[3][(eight >> 32) & 0xff] ^ kTables[2][(eight >> 40) & 0xff] ^
          kTables[1][(eight >> 48) & 0xff] ^ kTables[0][eight >> 56];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~crc;
}

}  // namespace plotbridge
