// A payload that is one JSON document: all fields of a route in one pass, numbers digit for digit.
// The whole document must be good, also where nobody looks. Of a doubled key the last one counts.
// One thread at a time.
#pragma once

#include "plugin/base/json_scan.h"
#include "plugin/decode/decoder.h"
#include "plugin/decode/field_tree.h"

#include <string>
#include <vector>

namespace plotbridge::decode {

class JsonDecoder final : public Decoder {
 public:
  explicit JsonDecoder(const std::vector<FieldPath>& fields);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;

 private:
  /// Reads the document into slots_; false when the scanner stopped at an error.
  bool read(std::string_view document, JsonScanner& scanner);
  FieldTree::Node member(FieldTree::Node node, const JsonScanner& scanner);
  Value scalar(JsonToken token, std::string_view document, const JsonScanner& scanner);
  void forget(FieldTree::Node node);
  void put(FieldTree::Node node, const Value& value);

  FieldTree tree_;
  std::vector<Value> slots_;
  std::string key_;    // unescaped
  std::string texts_;  // the unescaped ones of a document
};

}  // namespace plotbridge::decode
