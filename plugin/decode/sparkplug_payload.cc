#include "plugin/decode/sparkplug_payload.h"

#include "plugin/decode/found_text.h"
#include "plugin/decode/too_many_points.h"

#include <string>

namespace plotbridge::decode {
namespace {

DecodeError error_at(std::string_view payload, const char* at, std::string_view expected) {
  const auto offset = static_cast<std::size_t>(at - payload.data());
  return {"sparkplug",
          "not a Sparkplug B payload: expected " + std::string(expected) + " at byte " +
              std::to_string(offset) + ", " + found_text(payload, offset),
          offset};
}

DecodeError name_too_long(std::string_view payload, std::string_view name) {
  return {"sparkplug",
          "expected names of metrics of at most " + std::to_string(kMaxMetricNameBytes) +
              " bytes, found one of " + std::to_string(name.size()) +
              ": shorten it in the edge node's configuration",
          static_cast<std::size_t>(name.data() - payload.data())};
}

void take_value(std::uint32_t number, WireType type, const WireValue& value,
                SparkplugMetric& metric) {
  constexpr std::uint32_t kFirst = 10;  // int_value
  const auto field = static_cast<SparkplugField>(number - kFirst + 1);
  const bool number_field = field == SparkplugField::kInt || field == SparkplugField::kLong ||
                            field == SparkplugField::kBoolean;
  const WireType wanted = number_field                       ? WireType::kVarint
                          : field == SparkplugField::kFloat  ? WireType::kFixed32
                          : field == SparkplugField::kDouble ? WireType::kFixed64
                                                             : WireType::kBytes;
  if (type != wanted) return;
  metric.field = field;
  metric.bits = value.bits;
  metric.bytes = value.bytes;
}

void take_field(std::uint32_t number, WireType type, const WireValue& value,
                SparkplugMetric& metric) {
  const bool varint = type == WireType::kVarint;
  const bool bytes = type == WireType::kBytes;
  if (number == 1 && bytes) metric.name = value.bytes;
  if (number == 2 && varint) metric.alias = value.bits;
  if (number == 3 && varint) metric.timestamp = value.bits;
  if (number == 4 && varint) metric.datatype = static_cast<std::uint32_t>(value.bits);
  if (number == 5 && varint) metric.is_historical = value.bits != 0;
  if (number == 7 && varint) metric.is_null = value.bits != 0;
  if (number == 9 && bytes) metric.properties = value.bytes;
  if (number >= 10 && number <= 19) take_value(number, type, value, metric);
}

}  // namespace

bool read_sparkplug_metric(std::string_view bytes, SparkplugMetric& metric, WireReader& reader) {
  reader = WireReader(bytes);
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType type{};
    WireValue value;
    if (!reader.tag(number, type) || !reader.value(number, type, value)) return false;
    take_field(number, type, value, metric);
  }
  return true;
}

tl::expected<void, DecodeError> SparkplugPayload::read(std::string_view all,
                                                       std::size_t most_metrics) {
  bytes = all;
  timestamp.reset();
  seq.reset();
  uuid = body = {};
  metrics.clear();
  WireReader reader(bytes);
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType type{};
    WireValue value;
    if (!reader.tag(number, type) || !reader.value(number, type, value)) {
      return tl::make_unexpected(error_at(bytes, reader.at(), reader.expected()));
    }
    if (number == 2 && type == WireType::kBytes) {
      // A metric takes 2 bytes at least, and 120 of ours.
      if (metrics.size() == most_metrics) {
        return tl::make_unexpected(too_many_points(
            "metrics", most_metrics, static_cast<std::size_t>(value.bytes.data() - bytes.data())));
      }
      WireReader inside({});
      if (!read_sparkplug_metric(value.bytes, metrics.emplace_back(), inside)) {
        return tl::make_unexpected(error_at(bytes, inside.at(), inside.expected()));
      }
      if (const auto name = metrics.back().name; name.size() > kMaxMetricNameBytes) {
        return tl::make_unexpected(name_too_long(bytes, name));
      }
    }
    if (number == 1 && type == WireType::kVarint) timestamp = value.bits;
    if (number == 3 && type == WireType::kVarint) seq = value.bits;
    if (number == 4 && type == WireType::kBytes) uuid = value.bytes;
    if (number == 5 && type == WireType::kBytes) body = value.bytes;
  }
  return {};
}

std::optional<std::uint64_t> quality_of(const SparkplugMetric& metric) {
  // keys and values stand one list after the other: the n-th key is that of the n-th value.
  std::size_t keys = 0;
  std::size_t values = 0;
  std::optional<std::size_t> wanted;
  std::optional<std::uint64_t> quality;
  WireReader reader(metric.properties);
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType type{};
    WireValue value;
    if (!reader.tag(number, type) || !reader.value(number, type, value)) return std::nullopt;
    if (type != WireType::kBytes) continue;
    if (number == 1) {
      if (value.bytes == "Quality" || value.bytes == "quality") wanted = keys;
      ++keys;
    } else if (number == 2 && wanted == values++) {
      WireReader inside(value.bytes);
      while (!inside.done()) {
        WireValue property;
        if (!inside.tag(number, type) || !inside.value(number, type, property)) break;
        if ((number == 3 || number == 4) && type == WireType::kVarint) quality = property.bits;
      }
    }
  }
  return quality;
}

}  // namespace plotbridge::decode
