#include "plugin/endpoint/chunked_decoder.h"

#include "plugin/endpoint/hex_digit.h"

#include <algorithm>

namespace plotbridge::endpoint {
namespace {

// 15 hex digits stay below 2^60: no overflow, and no honest chunk is longer.
constexpr unsigned kMaxSizeDigits = 15;
// What may stand around the data of one chunk, and all trailers together, without meaning anything.
constexpr std::size_t kMaxSkipped = 8192;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::kDone && state_ != State::kBad) {
    if (state_ == State::kData) {
      const std::uint64_t here = std::min<std::uint64_t>(left_, bytes.size() - used);
      const auto size = static_cast<std::size_t>(here);
      left_ -= here;
      if (left_ == 0) state_ = State::kDataReturn;
      return {Answer::kMore, used + size, bytes.substr(used, size)};
    }
    state_ = take(bytes[used]);
    ++used;
  }
  if (state_ == State::kDone) return {Answer::kDone, used, {}};
  if (state_ == State::kBad) return {Answer::kBad, used, {}};
  return {Answer::kMore, used, {}};
}

ChunkedDecoder::State ChunkedDecoder::take(char c) {
  switch (state_) {
    case State::kBeforeSize:
      return take_before_size(c);
    case State::kSize:
      return take_size(c);
    case State::kExtension:
      if (c == '\r') return State::kSizeNewline;
      if (c != '\n') return skip_one() ? State::kExtension : State::kBad;
      [[fallthrough]];
    case State::kSizeNewline:
      if (c != '\n') return State::kBad;
      skipped_ = 0;
      return left_ == 0 ? State::kTrailerStart : State::kData;
    case State::kDataReturn:
      if (c == '\r') return State::kDataNewline;
      [[fallthrough]];
    case State::kDataNewline:
      return c == '\n' ? State::kBeforeSize : State::kBad;
    case State::kTrailerStart:
    case State::kTrailer:
      return take_trailer(c);
    case State::kLastNewline:
      return c == '\n' ? State::kDone : State::kBad;
    case State::kData:
    case State::kDone:
    case State::kBad:
      break;
  }
  return State::kBad;
}

ChunkedDecoder::State ChunkedDecoder::take_before_size(char c) {
  // Python's client puts an empty line before the last chunk.
  if (c == '\r' || c == '\n') return skip_one() ? State::kBeforeSize : State::kBad;
  left_ = 0;
  size_digits_ = 0;
  skipped_ = 0;
  return hex_digit(c) < 0 ? State::kBad : take_size(c);
}

ChunkedDecoder::State ChunkedDecoder::take_size(char c) {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    if (++size_digits_ > kMaxSizeDigits) return State::kBad;
    left_ = left_ * 16 + static_cast<unsigned>(digit);
    return State::kSize;
  }
  if (c == ';' || c == ' ' || c == '\t') return State::kExtension;
  if (c == '\r') return State::kSizeNewline;
  if (c != '\n') return State::kBad;
  return left_ == 0 ? State::kTrailerStart : State::kData;
}

ChunkedDecoder::State ChunkedDecoder::take_trailer(char c) {
  if (state_ == State::kTrailerStart) {
    if (c == '\r') return State::kLastNewline;
    if (c == '\n') return State::kDone;
  }
  if (!skip_one()) return State::kBad;
  return c == '\n' ? State::kTrailerStart : State::kTrailer;
}

bool ChunkedDecoder::skip_one() { return ++skipped_ <= kMaxSkipped; }

}  // namespace plotbridge::endpoint
