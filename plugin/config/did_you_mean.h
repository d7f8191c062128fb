// The nearest of the words that would have been right. Leaves to others: saying so. Pure; any
// thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace plotbridge::config {

/// The candidate that `word` was probably meant to be, the first one of equals; nothing when all
/// are too far away. Letters' case costs nothing, swapped neighbours count as one slip; the
/// beginning of a candidate will do. Of many candidates the first 1,000 are looked at.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

/// "; did you mean `x`?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

/// did_you_mean, and all that is allowed: "; did you mean `x`? allowed: x, y".
std::string correction(std::string_view word, std::span<const std::string_view> allowed);
std::string correction(std::string_view word, std::span<const std::string> allowed);

/// "a, b, c"; of more than 50 "and 7 more".
std::string comma_list(std::span<const std::string_view> words);

}  // namespace plotbridge::config
