#include "plugin/stream/transport.h"

namespace plotbridge::stream {

std::size_t chunk_wire_size(std::size_t size) {
  std::size_t digits = 1;
  for (std::size_t rest = size >> 4; rest != 0; rest >>= 4) ++digits;
  return digits + 2 + size + 2;
}

}  // namespace plotbridge::stream
