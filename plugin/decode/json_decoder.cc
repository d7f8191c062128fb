#include "plugin/decode/json_decoder.h"

#include "plugin/base/scratch.h"
#include "plugin/base/utf8.h"
#include "plugin/decode/found_text.h"
#include "plugin/decode/json_paths.h"
#include "plugin/decode/too_many_points.h"

namespace plotbridge::decode {
namespace {

std::vector<FieldPath> with(std::vector<FieldPath> fields, const std::optional<FieldPath>& each) {
  if (each) fields.push_back(*each);
  return fields;
}

/// The elements of an array that is known to be good JSON, one after the other.
class Elements {
 public:
  explicit Elements(std::string_view array) : array_(array), scanner_(array) { scanner_.next(); }

  /// False at the end; otherwise the element's text.
  bool next(std::string_view& element) {
    const JsonToken token = scanner_.next();
    if (token == JsonToken::kArrayEnd) return false;
    std::size_t start = scanner_.offset();
    while (scanner_.depth() > 1) scanner_.next();
    element = array_.substr(start, scanner_.end_offset() - start);
    return true;
  }

 private:
  std::string_view array_;
  JsonScanner scanner_;
};

}  // namespace

JsonDecoder::JsonDecoder(const std::vector<FieldPath>& fields, const std::optional<FieldPath>& each,
                         std::size_t max_points)
    : document_(with(fields, each)), max_points_(max_points), slots_(fields.size()) {
  if (!each) return;
  element_.emplace(fields);
  each_ = each->to_string();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].steps.empty()) whole_.push_back(i);
  }
}

tl::expected<void, DecodeError> JsonDecoder::decode(std::string_view payload,
                                                    const TakeSample& take) {
  const std::size_t skipped = payload.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  const std::string_view document = payload.substr(skipped);
  if (document.empty()) {
    return tl::make_unexpected(
        DecodeError{"empty", "expected a JSON document, but the payload is empty", 0});
  }
  const OnExit forget([this] {
    document_.forget();
    if (element_) element_->forget();
  });
  JsonScanner scanner(document, JsonScanner::kMaxValueDepth);
  if (!document_.read(document, scanner)) {
    const std::size_t at = skipped + scanner.offset();
    return tl::make_unexpected(DecodeError{"json",
                                           "not JSON: expected " + std::string(scanner.expected()) +
                                               " at byte " + std::to_string(at) + ", " +
                                               found_text(payload, at),
                                           at});
  }
  if (element_) return take_each(document, take);
  take(document_.slots());
  return {};
}

tl::expected<void, DecodeError> JsonDecoder::take_each(std::string_view document,
                                                       const TakeSample& take) {
  const Value& array = document_.slots().back();
  if (array.kind == Value::Kind::kMissing) {
    return tl::make_unexpected(
        DecodeError{"missing_field", "the payload has no array " + each_ + " for `each`", 0});
  }
  if (array.kind != Value::Kind::kJson || !array.text.starts_with('[')) {
    const bool inside = !array.text.empty() && array.text.data() >= document.data() &&
                        array.text.data() < document.data() + document.size();
    const std::size_t at =
        inside ? static_cast<std::size_t>(array.text.data() - document.data()) : 0;
    return tl::make_unexpected(DecodeError{
        "not_an_array",
        "`each` needs an array, but " + each_ +
            " is none: " + (inside ? found_text(document, at) : std::string("found null")),
        at});
  }
  if (document_.elements(slots_.size()) > max_points_) {
    return tl::make_unexpected(too_many_points(
        "elements", max_points_, static_cast<std::size_t>(array.text.data() - document.data())));
  }
  Elements elements(array.text);
  std::string_view text;
  while (elements.next(text)) {
    JsonScanner scanner(text);
    element_->read(text, scanner);
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      const Value& own = element_->slots()[i];
      slots_[i] = own.kind != Value::Kind::kMissing ? own : document_.slots()[i];
    }
    for (const std::size_t i : whole_) slots_[i] = element_->slots()[i];
    take(slots_);
  }
  return {};
}

std::string JsonDecoder::fields_of(std::string_view payload) { return json_paths(payload); }

}  // namespace plotbridge::decode
