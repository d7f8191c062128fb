// Takes the chunked coding off a request body as the bytes arrive, the way the old clients send it:
// hex in either case, chunk extensions and trailers skipped, a stray CRLF before a size tolerated.
// Allocates nothing. Leaves to others: reading, and lines (line_framer.h). One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge::endpoint {

class ChunkedDecoder {
 public:
  enum class Answer : std::uint8_t {
    kMore,  // whatever follows belongs to this body
    kDone,  // the body ended at `used`
    kBad,   // not the chunked coding; stays so
  };

  struct Step {
    Answer answer = Answer::kMore;
    std::size_t used = 0;    // bytes of the input that are dealt with
    std::string_view slice;  // body bytes within the input; may be empty
  };

  /// Goes on with `bytes` up to the end of the next slice of body. While the answer is kMore and
  /// bytes are left, call again with the rest.
  Step next(std::string_view bytes);

 private:
  enum class State : std::uint8_t {
    kBeforeSize,
    kSize,
    kExtension,
    kSizeNewline,
    kData,
    kDataReturn,
    kDataNewline,
    kTrailerStart,
    kTrailer,
    kLastNewline,
    kDone,
    kBad,
  };

  State take(char c);
  State take_before_size(char c);
  State take_size(char c);
  State take_trailer(char c);
  bool skip_one();

  State state_ = State::kBeforeSize;
  std::uint64_t left_ = 0;    // of the chunk being read
  unsigned size_digits_ = 0;  // of the size being read
  std::size_t skipped_ = 0;   // of stray line ends, an extension or the trailers
};

}  // namespace plotbridge::endpoint
