// Reads a text part by part, as it is sent, so that neither the time of one part nor the memory
// between two grows with the text. Not responsible for: what the text says (its heirs), who reads,
// and how fast. One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace plotbridge::endpoint {

class PartReader {
 public:
  /// Of a part, but for the last piece of it.
  static constexpr std::size_t kPartBytes = std::size_t{64} << 10;

  enum class State : std::uint8_t {
    kMore,
    kWhole,
    kLost,  // there is no rest that would fit to what was read
  };

  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;
  virtual ~PartReader() = default;

  /// Appends the next part.
  State read(std::string& out, TimePoint now) {
    if (lost()) return State::kLost;
    const std::size_t end = out.size() + kPartBytes;
    while (out.size() < end) {
      if (!append_piece(end - out.size(), now, out)) return lost() ? State::kLost : State::kWhole;
    }
    return State::kMore;
  }

  /// All that is left, at once; what there is of it when it is lost.
  std::string read_all(TimePoint now) {
    std::string text;
    while (read(text, now) == State::kMore) {
    }
    return text;
  }

  /// What the reader has in memory that nobody else has.
  virtual std::size_t held_bytes() const { return 0; }

 protected:
  PartReader() = default;

 private:
  virtual bool lost() const { return false; }
  /// Appends about `room` bytes at most, but something; false: that was the end, or it is lost.
  virtual bool append_piece(std::size_t room, TimePoint now, std::string& out) = 0;
};

}  // namespace plotbridge::endpoint
