// What one protobuf payload may take while it is read: values that are remembered, fields that are
// gone through, copies of messages that came in pieces, and text. A byte on the wire can become a
// value of 24 bytes, so that a message's cost follows this and not its size. Pure; one thread at a
// time.
#pragma once

#include "plugin/decode/text_budget.h"
#include "plugin/model/decode_error_kind.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace plotbridge::decode {

class ProtoBudget {
 public:
  /// Remembered at a time: 6 MiB.
  static constexpr std::size_t kMaxHeldValues = 262'144;
  /// Values remembered of a payload, one after the other, and fields gone through: this bounds the
  /// time.
  static constexpr std::size_t kMaxWork = 1'048'576;
  /// Going once through so many fields of a type counts as one value.
  static constexpr std::size_t kFieldsPerUnit = 8;
  /// Keys of maps at a time.
  static constexpr std::size_t kMaxKeys = 65'536;
  /// Copies of messages that came in pieces.
  static constexpr std::size_t kMaxJoinedBytes = std::size_t{4} << 20;

  void begin_payload() {
    text_.begin_payload();
    work_ = joined_ = 0;
    kind_ = {};
    of_ = {};
  }
  void begin_sample() { text_.begin_sample(); }

  bool hold() {
    return (held_ < kMaxHeldValues && work_ < kMaxWork) ? (++held_, ++work_, true)
                                                        : fail("too_large", "values");
  }
  void release(std::size_t values) { held_ -= values; }
  /// All fields of a type are gone through, of which the message may hold none.
  bool go_through(std::size_t fields) {
    work_ += 1 + fields / kFieldsPerUnit;
    return work_ <= kMaxWork || fail("too_large", "messages with many fields");
  }
  /// Of this payload, as kMaxWork counts it.
  std::size_t work() const { return work_; }
  bool hold_key() {
    return keys_ < kMaxKeys ? (++keys_, true) : fail("too_large", "keys of a map");
  }
  void release_keys(std::size_t keys) { keys_ -= keys; }
  bool join(std::size_t bytes) {
    joined_ += bytes;
    return joined_ <= kMaxJoinedBytes || fail("too_large", "messages in pieces");
  }

  std::size_t text_room() const { return text_.room(); }
  void charge_text(std::size_t bytes) { text_.charge(bytes); }
  /// Text that found no room. Always false.
  bool no_room() {
    return text_.payload_exceeded() ? fail("too_large", "text") : fail("line_too_long", "text");
  }

  /// Why something was refused: a kind of error, and of what there is too much; empty: nothing was.
  DecodeErrorKind refused() const { return kind_; }
  std::string what() const {
    return "it holds more " + std::string(of_) +
           (kind_ == "line_too_long" ? " than a line" : " than a message") + " may";
  }

 private:
  bool fail(DecodeErrorKind kind, std::string_view of) {
    kind_ = kind;
    of_ = of;
    return false;
  }

  TextBudget text_;
  std::size_t held_ = 0;
  std::size_t work_ = 0;
  std::size_t keys_ = 0;
  std::size_t joined_ = 0;
  DecodeErrorKind kind_;
  std::string_view of_;
};

}  // namespace plotbridge::decode
