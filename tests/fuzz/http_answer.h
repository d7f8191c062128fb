// What must hold of all that a client was sent on one connection: nothing, or one answer, before
// which there may be a "100 Continue"; with a head of well-formed lines and a body that is as long
// as the head says, or cut where the connection was.
#pragma once

#include "plugin/endpoint/json_leaves.h"

#include "tests/fuzz/must_hold.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge {

class HttpAnswer {
 public:
  /// `to_head`: a body may be left out. `whole`: the connection ended in good order.
  HttpAnswer(std::string_view bytes, bool to_head, bool whole)
      : rest_(bytes), to_head_(to_head), whole_(whole) {
    read();
  }

  /// 0: there is none.
  int status() const { return status_; }

 private:
  void read() {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    if (rest_.starts_with(kContinue)) rest_.remove_prefix(kContinue.size());
    if (rest_.empty()) return;
    if (!read_head()) return must_hold(!whole_, "a head has an end");
    must_hold(says_close_, "every answer is the last of its connection");
    if (type_ == "text/event-stream") return read_events();
    if (in_chunks_) return read_chunks();
    read_body();
  }

  /// A line without its end; nothing: it has none.
  std::optional<std::string_view> line(std::string_view end) {
    const auto at = rest_.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest_.substr(0, at);
    rest_.remove_prefix(at + end.size());
    return found;
  }

  bool read_head() {
    const auto first = line("\r\n");
    if (!first) return false;
    must_hold(first->starts_with("HTTP/1.1 ") && first->size() > 13, "a status line");
    const auto [end, error] = std::from_chars(first->data() + 9, first->data() + 12, status_);
    must_hold(error == std::errc() && end == first->data() + 12 && *end == ' ', "three digits");
    must_hold(status_ >= 200 && status_ < 600, "a last status");
    for (;;) {
      const auto field = line("\r\n");
      if (!field) return false;
      if (field->empty()) return true;
      read_field(*field);
    }
  }

  void read_field(std::string_view field) {
    for (const char c : field) must_hold(c >= ' ' && c != 0x7f, "a field is one line of text");
    const auto colon = field.find(": ");
    must_hold(colon != std::string_view::npos && colon > 0, "a field has a name and a value");
    must_hold(field.substr(0, colon).find(' ') == std::string_view::npos, "a name is a word");
    const std::string_view name = field.substr(0, colon);
    const std::string_view value = field.substr(colon + 2);
    if (name == "Connection") says_close_ = value == "close";
    if (name == "Content-Type") type_ = value;
    if (name == "Content-Encoding") encoded_ = true;
    if (name == "Transfer-Encoding") in_chunks_ = value == "chunked";
    if (name != "Content-Length") return;
    must_hold(!length_, "one length");
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    must_hold(error == std::errc() && end == value.data() + value.size(), "a length is a number");
    length_ = length;
  }

  void read_body() {
    if (status_ == 204 || status_ == 304) return must_hold(rest_.empty(), "no content");
    if (!length_) return;  // HTTP/1.0: to the end
    must_hold(rest_.size() <= *length_, "nothing follows an answer");
    must_hold(!whole_ || rest_.size() == *length_ || (to_head_ && rest_.empty()),
              "a body is as long as its head says");
    if (rest_.size() == *length_ && *length_ > 0) must_be_document(rest_);
  }

  void read_chunks() {
    std::string body;
    for (;;) {
      const auto digits = line("\r\n");
      if (!digits) return must_hold(!whole_ || (to_head_ && rest_.empty()), "a last chunk");
      std::size_t size = 0;
      const auto [end, error] =
          std::from_chars(digits->data(), digits->data() + digits->size(), size, 16);
      must_hold(error == std::errc() && end == digits->data() + digits->size(), "a chunk's size");
      if (rest_.size() < size + 2) return must_hold(!whole_, "a chunk is whole");
      body += rest_.substr(0, size);
      must_hold(rest_.substr(size, 2) == "\r\n", "a chunk has its end");
      rest_.remove_prefix(size + 2);
      if (size == 0) break;
    }
    must_hold(rest_.empty(), "nothing follows the last chunk");
    if (type_ == "application/x-ndjson") return must_be_acknowledgements(body);
    must_be_document(body);
  }

  static void must_be_acknowledgements(std::string_view body) {
    while (!body.empty()) {
      const auto end = body.find('\n');
      must_hold(end != std::string_view::npos, "an acknowledgement is a line");
      const std::string_view one = body.substr(0, end);
      must_hold(endpoint::is_json(one), "an acknowledgement is JSON");
      constexpr std::string_view kHave = "{\"have\": [";
      must_hold(one.starts_with(kHave), "an acknowledgement has ranges");
      must_ascend(one.substr(kHave.size()));
      body.remove_prefix(end + 1);
    }
  }

  // `[0,5],[7,9]]`, and whatever follows.
  static void must_ascend(std::string_view ranges) {
    std::uint64_t behind = 0;
    bool first = true;
    while (ranges.starts_with('[') || ranges.starts_with(',')) {
      ranges.remove_prefix(ranges.find('[') + 1);
      const char* const end = ranges.data() + ranges.size();
      std::uint64_t from = 0, to = 0;
      const char* const comma = std::from_chars(ranges.data(), end, from).ptr;
      const char* const close = std::from_chars(comma + 1, end, to).ptr;
      must_hold(from < to && (first || from > behind), "ranges ascend and do not touch");
      behind = to;
      first = false;
      ranges.remove_prefix(static_cast<std::size_t>(close - ranges.data()) + 1);
    }
  }

  void must_be_document(std::string_view body) const {
    if (type_.starts_with("application/json") && !encoded_) {
      must_hold(endpoint::is_json(body), "an answer is JSON");
    }
  }

  void read_events() {
    bool between = true;
    while (const auto one = line("\n")) {
      const bool known = one->empty() || one->starts_with("id: ") || one->starts_with("event: ") ||
                         one->starts_with("retry: ") || one->starts_with("data: ");
      must_hold(known, "a line of an event");
      if (one->starts_with("data: ")) {
        must_hold(endpoint::is_json(one->substr(6)), "an event's data are JSON");
      }
      between = one->empty();
    }
    must_hold(!whole_ || (between && rest_.empty()), "an event has its end");
  }

  std::string_view rest_;
  bool to_head_;
  bool whole_;
  int status_ = 0;
  std::string_view type_;
  std::optional<std::size_t> length_;
  bool in_chunks_ = false;
  bool says_close_ = false;
  bool encoded_ = false;
};

}  // namespace plotbridge
