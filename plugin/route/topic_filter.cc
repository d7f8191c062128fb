#include "plugin/route/topic_filter.h"

#include "plugin/base/utf8.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace plotbridge::route {
namespace {

constexpr std::size_t kMaxBytes = 65535;
constexpr std::size_t kShownBytes = 80;
constexpr std::string_view kShare = "$share/";

bool is_wildcard(std::string_view level) { return level == "+" || level == "#"; }

bool is_capture_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

/// The filter in an error text: shortened, and nothing in it that could upset a terminal.
std::string shown(std::string_view text) {
  std::string safe;
  append_valid_utf8(text.substr(0, kShownBytes), safe);
  std::replace_if(
      safe.begin(), safe.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }, '?');
  if (text.size() > kShownBytes) safe += "...";
  return safe;
}

/// What is wrong, and with which byte of the text.
struct Flaw {
  std::size_t at = 0;
  std::string what;
};

std::optional<Flaw> flaw_in_text(std::string_view text) {
  if (text.empty()) return Flaw{0, "a topic filter is not empty"};
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Flaw{nul, "the character U+0000 is not allowed"};
  }
  if (!is_valid_utf8(text)) {
    std::size_t at = 0;
    while (first_utf8_unit(text.substr(at)).valid) at += first_utf8_unit(text.substr(at)).size;
    return Flaw{at, "this is not UTF-8"};
  }
  return std::nullopt;
}

std::optional<Flaw> flaw_in_level(std::string_view level, bool last) {
  if (level == "+") return std::nullopt;
  if (level == "#") {
    if (last) return std::nullopt;
    return Flaw{0, "# must be the last level; use + for one level"};
  }
  if (const std::size_t wild = level.find_first_of("+#"); wild != std::string_view::npos) {
    return Flaw{wild, std::string(1, level[wild]) +
                          " must stand alone between slashes; MQTT has no partial wildcards"};
  }
  const std::size_t brace = level.find_first_of("{}");
  if (brace == std::string_view::npos) return std::nullopt;
  const bool whole = level.front() == '{' && level.back() == '}' &&
                     level.find_first_of("{}", 1) == level.size() - 1;
  if (!whole) {
    return Flaw{brace, "a capture must be a whole level, as in plant/{line}/temperature"};
  }
  const std::string_view name = level.substr(1, level.size() - 2);
  if (!is_capture_name(name)) {
    return Flaw{1,
                "a capture needs a name of letters, digits and _ that does not start with a digit"};
  }
  return std::nullopt;
}

/// Length of "$share/GROUP/", 0 when this is no shared subscription.
tl::expected<std::size_t, Flaw> share_prefix(std::string_view text) {
  if (!text.starts_with(kShare) && text != kShare.substr(0, kShare.size() - 1)) return 0;
  const std::size_t start = std::min(kShare.size(), text.size());
  const std::size_t slash = text.find('/', start);
  const std::string_view group =
      text.substr(start, slash == std::string_view::npos ? slash : slash - start);
  if (group.empty() || group.find_first_of("+#{}") != std::string_view::npos) {
    return tl::make_unexpected(
        Flaw{start, "a shared subscription is $share/GROUP/FILTER, GROUP without + # { }"});
  }
  if (slash == std::string_view::npos || slash + 1 == text.size()) {
    return tl::make_unexpected(
        Flaw{text.size(), "no topic filter after $share/" + std::string(group) + "/"});
  }
  return slash + 1;
}

}  // namespace

Result<TopicFilter> TopicFilter::parse(std::string_view text) {
  const auto bad = [text](const Flaw& flaw) {
    return fail(ErrorKind::kInvalid, "topic filter \"" + shown(text) + "\": " + flaw.what +
                                         " (character " + std::to_string(flaw.at + 1) + ")");
  };
  if (const auto flaw = flaw_in_text(text)) return bad(*flaw);
  const auto prefix = share_prefix(text);
  if (!prefix) return bad(prefix.error());

  TopicFilter filter;
  filter.mqtt_ = text.substr(0, *prefix);
  for (std::size_t at = *prefix;;) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    const std::string_view level = text.substr(at, slash - at);
    if (auto flaw = flaw_in_level(level, slash == text.size())) {
      flaw->at += at;
      return bad(*flaw);
    }
    const bool capture = level.starts_with('{');
    if (capture) {
      std::string name(level.substr(1, level.size() - 2));
      if (std::ranges::find(filter.captures_, name) != filter.captures_.end()) {
        return bad({at, "the capture {" + name + "} is there twice"});
      }
      filter.captures_.push_back(std::move(name));
      filter.capture_levels_.push_back(filter.levels_.size());
    }
    filter.levels_.emplace_back(capture ? "+" : level);
    filter.mqtt_ += filter.levels_.back();
    if (slash == text.size()) break;
    filter.mqtt_ += '/';
    at = slash + 1;
  }
  if (filter.mqtt_.size() > kMaxBytes) {
    return bad({kMaxBytes, "it has " + std::to_string(filter.mqtt_.size()) +
                               " bytes, MQTT allows " + std::to_string(kMaxBytes)});
  }
  return filter;
}

bool TopicFilter::overlaps(const TopicFilter& other) const {
  const auto system = [](const std::string& level) { return level.starts_with('$'); };
  const std::string& first = levels_.front();
  const std::string& other_first = other.levels_.front();
  if (is_wildcard(first) && system(other_first)) return false;
  if (is_wildcard(other_first) && system(first)) return false;
  for (std::size_t i = 0;; ++i) {
    const bool ended = i == levels_.size();
    const bool other_ended = i == other.levels_.size();
    if (ended && other_ended) return true;
    // `a/#` matches `a`, so a # meets even the end of the other filter.
    if ((!ended && levels_[i] == "#") || (!other_ended && other.levels_[i] == "#")) return true;
    if (ended || other_ended) return false;
    if (levels_[i] != "+" && other.levels_[i] != "+" && levels_[i] != other.levels_[i])
      return false;
  }
}

}  // namespace plotbridge::route
