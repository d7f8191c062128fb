#include "plugin/http/ack_answer.h"

#include "plugin/base/number_text.h"
#include "plugin/http/http_message.h"
#include "plugin/http/position_response.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace plotbridge::http {
namespace {

using endpoint::Status;

std::string chunk(std::string_view text) {
  std::array<char, 16> size;
  const auto end = std::to_chars(size.data(), size.data() + size.size(), text.size(), 16).ptr;
  std::string out(size.data(), end);
  out += "\r\n";
  out += text;
  out += "\r\n";
  return out;
}

// Who relies on the answer, and not only on what he can send again.
bool is_patient(Status status) { return status == Status::kDone || status == Status::kBadLine; }

}  // namespace

void AckAnswer::begin(TimePoint now) {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\nCache-Control: no-store\r\n";
  for (const auto& [name, value] : stream_headers_of(endpoint_)) {
    head += name + ": " + value + "\r\n";
  }
  head += kHeadersOfAll;
  head += "\r\n";
  if (connection_.try_write(head + chunk(untold() + "}\n"))) return have_told(now);
  connection_.write(head);  // the rest once there is room
}

// Of ranges that grew and of new ones; those that are as they were told say nothing.
std::string AckAnswer::untold() const {
  std::string out = "{\"have\": [";
  auto before = told_.ranges().begin();
  for (const OffsetRange& range : kept().ranges()) {
    while (before != told_.ranges().end() && before->from < range.from) ++before;
    if (before != told_.ranges().end() && *before == range) continue;
    if (out.back() != '[') out += ',';
    out += '[';
    append_unsigned(range.from, out);
    out += ',';
    append_unsigned(range.to, out);
    out += ']';
  }
  out += ']';
  return out;
}

void AckAnswer::have_told(TimePoint now) {
  told_ = RangeSet(kept());  // without the memory that more ranges took
  told_at_ = now;
  begun_ = true;
}

void AckAnswer::go_on(TimePoint now) {
  if (over_) return;
  if (ending_) {
    const bool all = all_is_kept();
    if (!all && now < until_) return;
    over_ = true;
    connection_.answer(last_word(is_patient(*ending_) && !all ? Status::kNotKept : *ending_));
    // The connection drains for a while, and there may be thousands.
    told_ = to_keep_ = RangeSet();
    return;
  }
  // Who does not read is not told more and more: the next line says all.
  if (connection_.writing()) return;
  const std::uint64_t news = kept().size() - told_.size();
  if (begun_ && (news == 0 || (news < kMostUntold && now - told_at_ < kPeriod))) return;
  if (connection_.try_write(chunk(untold() + "}\n"))) have_told(now);
}

bool AckAnswer::end(Status status, TimePoint now) {
  ending_ = status;
  // The same producer may have a newer connection, whose lines are none of this one's business.
  to_keep_ = upload_.position()->applied;
  until_ = now + (is_patient(status) ? patience_ : kLittlePatience);
  go_on(now);
  return !over_;
}

bool AckAnswer::all_is_kept() const {
  return std::ranges::all_of(to_keep_.ranges(),
                             [&](const OffsetRange& range) { return kept().contains(range); });
}

void AckAnswer::end_at_once() {
  if (over_) return;
  over_ = true;
  const bool as_it_ended = ending_ && all_is_kept();
  connection_.answer_at_once(last_word(as_it_ended ? *ending_ : Status::kRestart));
}

std::string AckAnswer::last_word(Status status) const {
  std::string_view word = endpoint::close_word(status);
  if (word.empty()) word = "limit";
  std::string line = untold();
  line += ", \"close\": \"";
  line += word;
  line += "\", \"status\": " + std::to_string(code_of(status));
  if (status == Status::kBadLine) line += ", \"seq\": " + std::to_string(upload_.next());
  line += "}\n";
  return chunk(line) + "0\r\n\r\n";
}

}  // namespace plotbridge::http
