// The second opinion on protobuf: the library's own dynamic messages and JSON, of the same schemas.
#pragma once

#include "tests/decode/proto_samples.h"

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace plotbridge::decode {

class ProtoOracle {
 public:
  ProtoOracle() {
    add("plant.proto", kPlantProto);
    add("legacy.proto", kLegacyProto);
  }

  std::unique_ptr<google::protobuf::Message> message(const std::string& type) {
    return std::unique_ptr<google::protobuf::Message>(
        factory_.GetPrototype(pool_.FindMessageTypeByName(type))->New());
  }

  /// The bytes of a message in protobuf's text format.
  std::string bytes(const std::string& type, const std::string& text) {
    const auto made = message(type);
    google::protobuf::TextFormat::ParseFromString(text, made.get());
    return made->SerializePartialAsString();
  }

  /// What the library says the message is; nothing: it is none, or has no JSON.
  std::optional<nlohmann::json> json(const std::string& type, std::string_view bytes) {
    const auto parsed = message(type);
    if (!parsed->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(*parsed, &text, options).ok()) return {};
    const auto json = nlohmann::json::parse(text, nullptr, false);
    return json.is_discarded() ? std::nullopt : std::optional(json);
  }

 private:
  void add(const std::string& name, std::string_view text) {
    google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
    google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
    google::protobuf::FileDescriptorProto file;
    google::protobuf::compiler::Parser().Parse(&tokenizer, &file);
    file.set_name(name);
    own_.Add(file);
  }

  google::protobuf::SimpleDescriptorDatabase own_;
  google::protobuf::DescriptorPoolDatabase generated_{
      *google::protobuf::DescriptorPool::generated_pool()};
  google::protobuf::MergedDescriptorDatabase both_{&own_, &generated_};
  google::protobuf::DescriptorPool pool_{&both_};
  google::protobuf::DynamicMessageFactory factory_{&pool_};
};

/// Without what is written in different ways: what is no JSON number is null here and a text there,
/// and a google.protobuf.Value of no kind is null here and left out there.
inline nlohmann::json normal(const nlohmann::json& json) {
  if (json.is_string() && (json == "NaN" || json == "Infinity" || json == "-Infinity")) return {};
  if (!json.is_structured()) return json;
  nlohmann::json result = json.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  for (const auto& [key, value] : json.items()) {
    nlohmann::json inside = normal(value);
    if (inside.is_null()) continue;
    if (json.is_array()) {
      result.push_back(std::move(inside));
    } else {
      result[key] = std::move(inside);
    }
  }
  return result;
}

/// Whether both, made normal, are the same; 64-bit integers are numbers here and texts there.
inline bool same(const nlohmann::json& ours, const nlohmann::json& theirs) {
  if (ours.is_number() && theirs.is_string()) return ours.dump() == theirs.get<std::string>();
  if (ours.is_number() && theirs.is_number()) {
    // A float here has the fewest digits that mean it, there some more.
    return ours == theirs || ours.get<float>() == theirs.get<float>();
  }
  if (!ours.is_structured() || ours.type() != theirs.type()) return ours == theirs;
  if (ours.size() != theirs.size()) return false;
  if (ours.is_array()) {
    for (std::size_t i = 0; i < ours.size(); ++i) {
      if (!same(ours[i], theirs[i])) return false;
    }
    return true;
  }
  for (const auto& [key, value] : ours.items()) {
    if (!theirs.contains(key) || !same(value, theirs[key])) return false;
  }
  return true;
}

/// Random messages, the same for the same seed.
class RandomMessage {
 public:
  explicit RandomMessage(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  void fill(google::protobuf::Message& message, int depth = 3) {
    const auto* type = message.GetDescriptor();
    const std::size_t count = below(8);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* field =
          type->field(static_cast<int>(below(static_cast<std::size_t>(type->field_count()))));
      set(message, *field, depth);
    }
  }

  /// One to three bytes changed, put in, taken out; or the end cut off.
  std::string damaged(std::string bytes) {
    for (std::size_t i = below(3) + 1; i > 0 && !bytes.empty(); --i) {
      const std::size_t at = below(bytes.size());
      const char byte = static_cast<char>(below(256));
      switch (below(4)) {
        case 0:
          bytes[at] = byte;
          break;
        case 1:
          bytes.insert(at, 1, byte);
          break;
        case 2:
          bytes.erase(at, 1);
          break;
        default:
          bytes.resize(at);
      }
    }
    return bytes;
  }

 private:
  using Field = google::protobuf::FieldDescriptor;

  std::uint64_t bits() {
    switch (below(4)) {
      case 0:
        return below(100);
      case 1:
        return ~std::uint64_t{0} - below(3);
      default:
        return random_();
    }
  }
  std::string text() {
    std::string result;
    for (std::size_t i = below(12); i > 0; --i) result += static_cast<char>(1 + below(127));
    return result;
  }

  void set(google::protobuf::Message& message, const Field& field, int depth) {
    const auto* how = message.GetReflection();
    const bool many = field.is_repeated();
    switch (field.cpp_type()) {
      case Field::CPPTYPE_INT32: {
        const auto value = static_cast<std::int32_t>(bits());
        many ? how->AddInt32(&message, &field, value) : how->SetInt32(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_INT64: {
        const auto value = static_cast<std::int64_t>(bits());
        many ? how->AddInt64(&message, &field, value) : how->SetInt64(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_UINT32: {
        const auto value = static_cast<std::uint32_t>(bits());
        many ? how->AddUInt32(&message, &field, value) : how->SetUInt32(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_UINT64:
        many ? how->AddUInt64(&message, &field, bits()) : how->SetUInt64(&message, &field, bits());
        break;
      case Field::CPPTYPE_DOUBLE: {
        const double value = static_cast<double>(static_cast<std::int64_t>(bits())) / 1000;
        many ? how->AddDouble(&message, &field, value) : how->SetDouble(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_FLOAT: {
        const float value = static_cast<float>(below(100'000)) / 100;
        many ? how->AddFloat(&message, &field, value) : how->SetFloat(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_BOOL: {
        const bool value = below(2) == 1;
        many ? how->AddBool(&message, &field, value) : how->SetBool(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_ENUM: {
        const int value = static_cast<int>(below(5));
        many ? how->AddEnumValue(&message, &field, value)
             : how->SetEnumValue(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_STRING: {
        const std::string value = text();
        many ? how->AddString(&message, &field, value) : how->SetString(&message, &field, value);
        break;
      }
      case Field::CPPTYPE_MESSAGE:
        // Of Struct and Value the library's JSON repeats doubled keys and drops values of no kind.
        if (depth == 0 || field.message_type()->file()->name() == "google/protobuf/struct.proto") {
          break;
        }
        fill(many ? *how->AddMessage(&message, &field) : *how->MutableMessage(&message, &field),
             depth - 1);
        break;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace plotbridge::decode
