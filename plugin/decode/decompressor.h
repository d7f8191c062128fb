// Unpacks a compressed payload, whole, up to a limit, so that a few bytes never become all of the
// memory. Leaves to others: what is inside. One thread at a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/model/decode_spec.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::decode {

class Decompressor {
 public:
  /// What an unpacked payload may measure; room grows with what comes out, never by a length that
  /// the payload claims.
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

  explicit Decompressor(Compression compression, std::size_t most = kMostBytes);
  ~Decompressor();

  /// The bytes that were packed; valid until the next call of either. `auto` takes what starts like
  /// none of the formats as it is. Errors: `compression`, at a byte of the packed payload.
  tl::expected<std::string_view, DecodeError> unpack(std::string_view payload);
  /// What the last call of `unpack` cost, also where it failed or guessed wrong: as much as this
  /// many bytes of a payload that is not packed.
  std::size_t cost_bytes() const;
  /// Gives back what an unusual payload took.
  void forget();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Hands the unpacked payload to `inner`, whose errors then count bytes of that.
class DecompressingDecoder final : public Decoder {
 public:
  DecompressingDecoder(Compression compression, std::unique_ptr<Decoder> inner)
      : decompressor_(compression), inner_(std::move(inner)) {}
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;
  std::size_t cost_bytes(std::string_view) const override { return cost_bytes_; }
  std::string fields_of(std::string_view payload) override;

 private:
  Decompressor decompressor_;
  std::unique_ptr<Decoder> inner_;
  std::size_t cost_bytes_ = 0;
};

}  // namespace plotbridge::decode
