#include "plugin/decode/decoder_factory.h"

#include "plugin/decode/json_decoder.h"
#include "plugin/decode/number_decoder.h"
#include "plugin/decode/text_decoder.h"

namespace plotbridge::decode {

std::unique_ptr<Decoder> make_decoder(Type type, const std::vector<FieldPath>& fields) {
  switch (type) {
    case Type::kNumber:
      return std::make_unique<NumberDecoder>(fields);
    case Type::kText:
      return std::make_unique<TextDecoder>(fields);
    case Type::kJson:
      return std::make_unique<JsonDecoder>(fields);
  }
  return nullptr;
}

}  // namespace plotbridge::decode
