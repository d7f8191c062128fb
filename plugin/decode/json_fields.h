// All fields of a route out of one JSON document in one pass, numbers digit for digit. The whole
// document must be good, also where nobody looks. Of a doubled key the last one counts. Leaves to
// others: samples and error texts (json_decoder). One thread at a time.
#pragma once

#include "plugin/base/json_scan.h"
#include "plugin/base/scratch.h"
#include "plugin/decode/field_tree.h"
#include "plugin/model/value.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class JsonFields {
 public:
  explicit JsonFields(std::span<const FieldPath> fields)
      : tree_(fields), slots_(fields.size()), elements_(fields.size()) {}

  /// Reads the document of `scanner`, which has just begun; false when it stopped at an error.
  bool read(std::string_view document, JsonScanner& scanner);
  /// One value for each field; valid until the next `read`, while the document lives.
  std::span<const Value> slots() const { return slots_; }
  /// Of a slot that is an array: its elements.
  std::size_t elements(std::size_t slot) const { return elements_[slot]; }
  /// Gives back what an unusual document took; `slots` are not valid any more.
  void forget() {
    trim_scratch(key_);
    trim_scratch(texts_);
  }

 private:
  FieldTree::Node member(FieldTree::Node node, const JsonScanner& scanner);
  Value scalar(JsonToken token, std::string_view document, const JsonScanner& scanner);
  void forget(FieldTree::Node node);
  void put(FieldTree::Node node, const Value& value);

  FieldTree tree_;
  std::vector<Value> slots_;
  std::vector<std::size_t> elements_;
  std::string key_;    // unescaped
  std::string texts_;  // the unescaped ones of a document
};

}  // namespace plotbridge::decode
