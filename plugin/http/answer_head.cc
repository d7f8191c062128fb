#include "plugin/http/answer_head.h"

#include "plugin/base/utf8.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

// A head of one answer, and what may follow it as trailers. libcurl keeps each line.
constexpr std::size_t kMostHeadBytes = 64 * 1024;
constexpr Duration kMostRetryAfter = 24h;
constexpr std::string_view kReplacement = "[token]";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// What follows `name` and its colon, when the line is that header.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (!starts_with_ignoring_case(line, name)) return std::nullopt;
  return trimmed(line.substr(name.size()));
}

int status_in(std::string_view line) {
  int status = 0;
  const std::size_t space = line.find(' ');
  if (space != std::string_view::npos) {
    std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  }
  return status;
}

}  // namespace

bool AnswerHead::read(std::string_view line, WallTime now) {
  if (status_ == 0 && line.starts_with("HTTP/")) {
    bytes_ = 0;
    const int status = status_in(line);
    if (status >= 200) status_ = status;
  }
  bytes_ += line.size();
  if (bytes_ > kMostHeadBytes) return false;
  if (starts_with_ignoring_case(line, "stream-")) names_evictions_ = true;
  if (status_ == 0) return true;
  if (const auto retry = value_of(line, "retry-after:")) {
    retry_after_ = parse_retry_after(*retry, now);
  } else if (const auto ack = value_of(line, "stream-ack:")) {
    acknowledges_ = *ack == "2";
  } else if (const auto have = value_of(line, "stream-have:")) {
    have_ = *have;
  } else if (const auto durability = value_of(line, "stream-durability:")) {
    loses_with_power_ = *durability == "process";
  } else if (const auto close = value_of(line, "stream-close:")) {
    close_ = whole_characters(*close, kMostCloseWordBytes);
  } else if (const auto location = value_of(line, "location:")) {
    location_ = showable_location(*location);
  }
  return true;
}

std::optional<Duration> parse_retry_after(std::string_view text, WallTime now) {
  long long seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number =
      parsed.ec != std::errc::invalid_argument &&
      std::string_view(parsed.ptr, text.data() + text.size()).find_first_not_of("0123456789.") ==
          std::string_view::npos;
  if (number) {
    // More than fits is a long time, or a long time ago.
    if (parsed.ec == std::errc::result_out_of_range) {
      return text.starts_with('-') ? Duration(0) : kMostRetryAfter;
    }
    return std::chrono::seconds(std::clamp(seconds, 0LL, 86'400LL));
  }
  const std::time_t date = curl_getdate(std::string(text).c_str(), nullptr);
  if (date == -1) return std::nullopt;
  const auto today = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(now));
  return std::chrono::seconds(std::clamp<std::time_t>(date - today, 0, 86'400));
}

std::string showable_location(std::string_view text) {
  text = text.substr(0, text.find_first_of("?#"));
  std::string shown;
  if (const std::size_t scheme = text.find("//"); scheme != std::string_view::npos) {
    shown = text.substr(0, scheme + 2);
    text.remove_prefix(scheme + 2);
    // Up to the last @ before the path: a password may hold one itself.
    const std::size_t at = text.substr(0, text.find('/')).rfind('@');
    if (at != std::string_view::npos) text.remove_prefix(at + 1);
  }
  shown += text;
  std::erase_if(shown, [](char c) { return c <= ' ' || c >= 0x7F; });
  return shown;
}

std::string without_secret(std::string_view text, std::string_view secret, std::size_t most) {
  std::string result;
  const std::size_t end = std::min(most, text.size());
  for (std::size_t at = 0; at < end;) {
    if (!secret.empty() && text.substr(at).starts_with(secret)) {
      result += kReplacement;
      at += secret.size();
    } else {
      result += text[at++];
    }
  }
  return result;
}

}  // namespace plotbridge::http
