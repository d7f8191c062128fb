// A payload of raw numbers at fixed places, as a PLC or a sensor packs them. Bytes past the last
// field are not looked at. One thread at a time.
#pragma once

#include "plugin/decode/decoder.h"
#include "plugin/model/decode_spec.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class BinaryDecoder final : public Decoder {
 public:
  /// A path without steps is the only field; of an array of bits an index takes one.
  BinaryDecoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;

 private:
  struct Wanted {
    BinaryField field;
    bool null = false;  // what was read is no number
  };
  /// Appends its text to texts_.
  void read(Wanted& wanted, std::string_view payload);

  std::vector<Wanted> wanted_;  // for each slot
  std::vector<std::size_t> ends_;
  std::string last_name_;  // of the field that ends last
  std::size_t size_ = 0;   // what all fields need
  bool big_;
  std::string texts_;
  std::vector<Value> slots_;
};

}  // namespace plotbridge::decode
