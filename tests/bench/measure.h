// What the programs of this folder measure with.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge {

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Work>
double seconds_of(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Of this process.
inline long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  }
  return 0;
}

/// `count` lines as the bridge writes them, one in each chunk.
inline std::string chunked_lines(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) {
    const std::string line = "{\"x\":\"2026-11-23 16:40:00." + std::to_string(100 + i % 900) +
                             "\",\"y\":" + std::to_string(20 + i % 70) + ".50}\n";
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", line.size());
    out += size + line + "\r\n";
  }
  return out;
}

}  // namespace plotbridge
