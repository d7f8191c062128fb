#include "plugin/config/did_you_mean.h"

#include <algorithm>
#include <vector>

namespace plotbridge::config {
namespace {

constexpr std::size_t kMaxWord = 100;
/// Thousands of streams or columns are not worth the time.
constexpr std::size_t kMaxCandidates = 1000;
constexpr std::size_t kMaxListed = 50;
/// Letters that say enough to be taken for the beginning of a word.
constexpr std::size_t kLeastPrefix = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Edit distance where two swapped neighbours are one edit (optimal string alignment); `limit` or
/// more when it is no less.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const char x = lower(a[i - 1]);
      const char y = lower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (x == y ? 0U : 1U)});
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    if (*std::ranges::min_element(row) >= limit && *std::ranges::min_element(above) >= limit) {
      return limit;
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  if (word.size() > kMaxWord) return std::nullopt;
  candidates = candidates.first(std::min(candidates.size(), kMaxCandidates));
  std::size_t limit = std::clamp<std::size_t>(word.size() / 3, 1, 3) + 1;
  std::optional<std::string_view> best;
  for (const std::string_view candidate : candidates) {
    const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
    if (longer - shorter >= limit) continue;
    const std::size_t far = distance(word, candidate, limit);
    if (far >= limit || far >= longer) continue;
    limit = far;
    best = candidate;
  }
  if (best || word.size() < kLeastPrefix) return best;
  const auto longer = std::ranges::find_if(candidates, [word](std::string_view candidate) {
    return std::ranges::equal(word, candidate.substr(0, word.size()), {}, lower, lower);
  });
  return longer == candidates.end() ? std::nullopt : std::optional(*longer);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = nearest(word, candidates);
  return best ? "; did you mean `" + std::string(*best) + "`?" : "";
}

std::string correction(std::string_view word, std::span<const std::string_view> allowed) {
  const std::string guess = did_you_mean(word, allowed);
  return (guess.empty() ? ";" : guess) + " allowed: " + comma_list(allowed);
}

std::string comma_list(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words.first(std::min(words.size(), kMaxListed))) {
    if (!list.empty()) list += ", ";
    list += word;
  }
  if (words.size() > kMaxListed) {
    list += " and " + std::to_string(words.size() - kMaxListed) + " more";
  }
  return list;
}

std::string correction(std::string_view word, std::span<const std::string> allowed) {
  const std::vector<std::string_view> views(allowed.begin(), allowed.end());
  return correction(word, std::span<const std::string_view>(views));
}

}  // namespace plotbridge::config
