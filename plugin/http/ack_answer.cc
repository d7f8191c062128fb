#include "plugin/http/ack_answer.h"

#include "plugin/http/http_message.h"

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

void AckAnswer::begin() {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\nCache-Control: no-store\r\nStream-Ack: 1\r\nStream-Durability: ";
  head += endpoint_.durability();
  head += "\r\n";
  head += kHeadersOfAll;
  connection_.write(head + "\r\n");
}

std::uint64_t AckAnswer::kept() const {
  // The same producer may have a newer connection, which is none of this one's business.
  return std::min(endpoint_.positions().kept(*upload_.position()), upload_.next());
}

void AckAnswer::go_on(TimePoint now) {
  if (over_) return;
  if (ending_) {
    if (!all_is_kept() && now < until_) return;
    const bool broken = is_patient(*ending_) && !all_is_kept();
    over_ = true;
    return connection_.answer(last_word(broken ? Status::kNotKept : *ending_));
  }
  // Who does not read is not told more and more: the newest number says all.
  if (connection_.writing()) return;
  const std::uint64_t next = kept();
  if (next <= told_) return;
  if (next - told_ < kMostUntold && now - told_at_ < kPeriod) return;
  told_ = next;
  told_at_ = now;
  connection_.write(chunk("{\"next\": " + std::to_string(next) + "}\n"));
}

bool AckAnswer::end(Status status, TimePoint now) {
  ending_ = status;
  until_ = now + (is_patient(status) ? patience_ : kLittlePatience);
  go_on(now);
  return !over_;
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
  return chunk("{\"next\": " + std::to_string(kept()) + ", \"close\": \"" + std::string(word) +
               "\", \"status\": " + std::to_string(code_of(status)) + "}\n") +
         "0\r\n\r\n";
}

}  // namespace plotbridge::http
