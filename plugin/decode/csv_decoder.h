// A payload of separated values: one sample for each row. A cell that is a JSON number is a number,
// any other a text. Leaves to others: splitting (csv_rows). One thread at a time.
#pragma once

#include "plugin/decode/csv_rows.h"
#include "plugin/decode/decoder.h"
#include "plugin/model/decode_spec.h"

#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::decode {

class CsvDecoder final : public Decoder {
 public:
  /// With `header` the first row of each payload names the columns, otherwise the spec does. A path
  /// without steps is the only column.
  CsvDecoder(const DecodeSpec& spec, const std::vector<FieldPath>& fields);
  tl::expected<void, DecodeError> decode(std::string_view payload, const TakeSample& take) override;
  std::string fields_of(std::string_view payload) override;

 private:
  tl::expected<void, DecodeError> check(std::string_view payload);
  void find_columns(const std::vector<std::string>& names);
  bool read_header();
  void forget_scratch();

  std::vector<std::string> names_;  // of the fields; empty: the only column
  std::vector<std::string> header_;
  std::vector<std::size_t> columns_;  // of each field; kNone: not there
  std::size_t width_ = 0;             // columns
  bool has_header_;
  std::size_t max_points_;
  CsvRows rows_;
  std::vector<CsvRows::Cell> cells_;
  std::vector<Value> slots_;
};

}  // namespace plotbridge::decode
