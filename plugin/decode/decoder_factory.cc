#include "plugin/decode/decoder_factory.h"

#include "plugin/decode/binary_decoder.h"
#include "plugin/decode/csv_decoder.h"
#include "plugin/decode/decompressor.h"
#include "plugin/decode/json_decoder.h"
#include "plugin/decode/number_decoder.h"
#include "plugin/decode/proto_decoder.h"
#include "plugin/decode/text_decoder.h"

#include <utility>

namespace plotbridge::decode {
namespace {

std::unique_ptr<Decoder> make_plain(const DecodeSpec& spec, const std::vector<FieldPath>& fields,
                                    std::shared_ptr<const ProtoSchemas> schemas) {
  switch (spec.type) {
    case DecodeType::kNumber:
      return std::make_unique<NumberDecoder>(fields);
    case DecodeType::kText:
      return std::make_unique<TextDecoder>(fields);
    case DecodeType::kJson:
      return std::make_unique<JsonDecoder>(fields, spec.each, spec.max_points);
    case DecodeType::kCsv:
      return std::make_unique<CsvDecoder>(spec, fields);
    case DecodeType::kBinary:
      return std::make_unique<BinaryDecoder>(spec, fields);
    case DecodeType::kProtobuf: {
      const ProtoType& type = *schemas->find(spec.message);
      return std::make_unique<ProtoDecoder>(std::move(schemas), type, fields, spec.each,
                                            spec.delimited, spec.max_points);
    }
    case DecodeType::kSparkplug:
      break;  // not built yet: config refuses them
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields,
                                      std::shared_ptr<const ProtoSchemas> schemas) {
  auto decoder = make_plain(spec, fields, std::move(schemas));
  if (spec.compression == Compression::kNone) return decoder;
  return std::make_unique<DecompressingDecoder>(spec.compression, std::move(decoder));
}

}  // namespace plotbridge::decode
