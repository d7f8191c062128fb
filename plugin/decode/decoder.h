// The interface of all decoders: one payload to samples, each the values of the fields that a route
// uses. Implementations keep scratch memory, so a decoder belongs to one thread at a time.
#pragma once

#include "plugin/model/decode_error_kind.h"
#include "plugin/model/value.h"

#include <tl/expected.hpp>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace plotbridge::decode {

/// Why a payload gave nothing.
struct DecodeError {
  /// For the metric's label: "not_a_number", "json", "missing_field".
  DecodeErrorKind kind;
  /// What was expected and what there is, for a person; names the offset where there is one.
  std::string message;
  /// Byte of the payload where reading stopped.
  std::size_t offset = 0;
};

/// Takes one sample: `slots[i]` is the value of the i-th field that the decoder was made for. What
/// the values point to is valid only during the call.
using TakeSample = std::function<void(std::span<const Value> slots)>;

class Decoder {
 public:
  virtual ~Decoder() = default;
  /// Calls `take` once for each sample of the payload, in order. On an error nothing was taken.
  virtual tl::expected<void, DecodeError> decode(std::string_view payload,
                                                 const TakeSample& take) = 0;
  /// What the last call of `decode` cost, in bytes: those of the payload, or of what it became
  /// unpacked; more where that takes longer.
  virtual std::size_t cost_bytes(std::string_view payload) const { return payload.size(); }
  /// The fields that a payload has, for a person who named one that it has not; empty: there is
  /// nothing to name. Not from within `decode`.
  virtual std::string fields_of(std::string_view /*payload*/) { return {}; }
};

}  // namespace plotbridge::decode
