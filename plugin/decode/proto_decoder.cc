#include "plugin/decode/proto_decoder.h"

#include "plugin/base/scratch.h"
#include "plugin/decode/decompressor.h"
#include "plugin/decode/found_text.h"
#include "plugin/decode/json_paths.h"
#include "plugin/decode/proto_path.h"
#include "plugin/decode/too_many_points.h"

#include <algorithm>

namespace plotbridge::decode {
namespace {

DecodeError error_of(const ProtoStop& stop, std::string_view payload) {
  // A message that came in pieces was read in a copy.
  const bool inside = stop.at >= payload.data() && stop.at <= payload.data() + payload.size();
  const std::size_t at = inside ? static_cast<std::size_t>(stop.at - payload.data()) : 0;
  std::string message = stop.what;
  // Of a limit the place says nothing.
  const bool limit = stop.kind == "too_many_points";
  if (inside && !limit)
    message += " at byte " + std::to_string(at) + ", " + found_text(payload, at);
  if (!stop.message.empty()) message += ", in message " + std::string(stop.message);
  return {stop.kind, std::move(message), at};
}

}  // namespace

ProtoDecoder::ProtoDecoder(std::shared_ptr<const ProtoSchemas> schemas, const ProtoType& type,
                           const std::vector<FieldPath>& fields,
                           const std::optional<FieldPath>& each, bool delimited,
                           std::size_t max_points)
    : schemas_(std::move(schemas)),
      type_(type),
      message_(type, fields.size(), budget_),
      of_element_(fields.size()),
      delimited_(delimited),
      max_points_(max_points),
      slots_(fields.size()) {
  const ProtoType* element = nullptr;
  if (each) {
    const ProtoPathEnd end = find_proto_field(type, *each);
    each_ = end.field;
    message_.collect(*each);
    element = element_type(end);
    if (element != nullptr)
      element_ = std::make_unique<ProtoPlan>(*element, fields.size(), budget_);
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (each && fields[i].steps.empty()) {
      whole_element_.push_back(i);
      of_element_[i] = true;
    } else if (element != nullptr && find_proto_field(*element, fields[i]).flaw.empty()) {
      element_->want(fields[i], i);
      of_element_[i] = true;
    } else {
      message_.want(fields[i], i);
    }
  }
}

tl::expected<void, DecodeError> ProtoDecoder::decode(std::string_view payload,
                                                     const TakeSample& take) {
  const OnExit forget([this] {
    message_.forget_scratch();
    if (element_ != nullptr) element_->forget_scratch();
  });
  passes_ = 0;
  // Where there may be several samples, all are looked at before the first is taken.
  const bool several = delimited_ || each_ != nullptr;
  if ((several && !read_all(payload, nullptr)) || !read_all(payload, &take)) {
    return tl::make_unexpected(error_of(stop_, payload));
  }
  return {};
}

std::size_t ProtoDecoder::cost_bytes(std::string_view payload) const {
  // So that the most work costs as much as the largest payload.
  constexpr std::size_t kBytesPerValue = Decompressor::kMostBytes / ProtoBudget::kMaxWork;
  return std::max(payload.size(), passes_ * budget_.work() * kBytesPerValue);
}

std::string ProtoDecoder::fields_of(std::string_view payload) {
  WireReader reader(payload);
  WireValue first;
  if (delimited_ && !reader.value(0, WireType::kBytes, first)) return {};
  std::string json;
  ProtoBudget budget;
  ProtoJson writer(budget);
  writer.begin_value(json);
  writer.append_message(type_, delimited_ ? first.bytes : payload, json);
  return json_paths(json);
}

bool ProtoDecoder::read_all(std::string_view payload, const TakeSample* take) {
  budget_.begin_payload();
  ++passes_;
  messages_ = elements_ = 0;
  if (!delimited_) return read_message(payload, take);
  WireReader reader(payload);
  while (!reader.done()) {
    WireValue message;
    if (!reader.value(0, WireType::kBytes, message)) {
      stop_ = {reader.at(),
               "expected a message with its length before it: " + std::string(reader.expected()),
               {}};
      return false;
    }
    if (!count_points("messages", messages_, 1, message.bytes.data())) return false;
    if (!read_message(message.bytes, take)) return false;
  }
  return true;
}

bool ProtoDecoder::read_message(std::string_view message, const TakeSample* take) {
  if (!message_.read(message)) {
    stop_ = message_.stop();
    return false;
  }
  if (each_ == nullptr) {
    if (take != nullptr) (*take)(message_.slots());
    return true;
  }
  if (!count_points("elements", elements_, message_.collected().size(), message.data())) {
    return false;
  }
  for (const WireValue& element : message_.collected()) {
    if (!read_element(element)) return false;
    if (take != nullptr) (*take)(slots_);
  }
  return true;
}

bool ProtoDecoder::count_points(std::string_view things, std::size_t& counted, std::size_t more,
                                const char* at) {
  counted += more;
  if (counted <= max_points_) return true;
  DecodeError error = too_many_points(things, max_points_, 0);
  stop_ = {at, std::move(error.message), {}, error.kind};
  return false;
}

bool ProtoDecoder::read_element(const WireValue& element) {
  if (element_ != nullptr && !element_->read(element.bytes)) {
    stop_ = element_->stop();
    return false;
  }
  for (const std::size_t slot : whole_element_) {
    if (!message_.put(slot, *each_, element)) {
      stop_ = message_.stop();
      return false;
    }
  }
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i] = of_element_[i] && element_ != nullptr ? element_->slots()[i] : message_.slots()[i];
  }
  for (const std::size_t slot : whole_element_) slots_[slot] = message_.slots()[slot];
  return true;
}

}  // namespace plotbridge::decode
