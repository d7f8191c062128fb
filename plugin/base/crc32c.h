// CRC-32C (Castagnoli), the checksum of what is written to disk. In software, eight bytes a step.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace plotbridge {

/// Of `bytes`; or of those before, whose checksum is `before`, and `bytes`.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace plotbridge
