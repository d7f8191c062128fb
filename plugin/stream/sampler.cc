#include "plugin/stream/sampler.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace plotbridge::stream {
namespace {

std::optional<double> finite_number(std::string_view json) {
  double number = 0;
  const char* const end = json.data() + json.size();
  const auto read = std::from_chars(json.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

Sampler::Sampler(WhenFaster when_faster, Duration interval)
    : when_faster_(when_faster),
      lines_most_(when_faster == WhenFaster::kMinMax ? 2 : 1),
      window_(interval * lines_most_) {}

Sampler::Verdict Sampler::take(const Line& line, const Moment& moment) {
  if (when_faster_ == WhenFaster::kQueue || window_ == Duration(0)) {
    return {Fate::kAppend, line.bytes};
  }
  double y = 0;
  if (when_faster_ != WhenFaster::kLatest) {
    const auto number = finite_number(line.y());
    if (!number) {  // a gap or a word: it must not vanish between two numbers
      forget();
      return {Fate::kAppend, line.bytes};
    }
    y = *number;
  }
  if (!is_open(moment)) return begin(line, y, moment.now);
  switch (when_faster_) {
    case WhenFaster::kMean:
      return merge_mean(line, y, moment.now);
    case WhenFaster::kMinMax:
      return merge_extremes(line, y);
    case WhenFaster::kLatest:
    case WhenFaster::kQueue:
      break;
  }
  return {Fate::kReplaceNewest, line.bytes};
}

bool Sampler::is_open(const Moment& moment) const {
  // What goes first goes from the front, so fewer unsent lines than the group has left there means
  // that the sender has begun with it.
  if (waiting_ == 0 || moment.unsent < waiting_) return false;
  // A sender that keeps up is always a little late. By its clock there is one group for what it
  // sends in a window; by ours there would now and then be one more, and the queue would grow.
  const bool keeps_up = moment.unsent <= 2 * lines_most_;
  return moment.now < (keeps_up ? std::max(end_, moment.next_send) : end_);
}

Sampler::Verdict Sampler::begin(const Line& line, double y, TimePoint now) {
  waiting_ = 1;
  end_ = now + window_;
  first_ = sum_ = smallest_ = largest_ = y;
  count_ = 1;
  return {Fate::kAppend, line.bytes};
}

Sampler::Verdict Sampler::merge_mean(const Line& line, double y, TimePoint now) {
  sum_ += y;
  if (!std::isfinite(sum_)) return begin(line, y, now);
  ++count_;
  smallest_ = std::min(smallest_, y);
  largest_ = std::max(largest_, y);
  if (smallest_ == largest_) return {Fate::kReplaceNewest, line.bytes};  // with its own digits
  // Rounding must not carry the mean past its values.
  const double mean = std::clamp(sum_ / static_cast<double>(count_), smallest_, largest_);
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), mean);
  with_mean_.assign(line.bytes.substr(0, line.y_offset));
  with_mean_.append(digits.data(), written.ptr);
  with_mean_.append(line.bytes.substr(line.y_offset + line.y_size));
  return {Fate::kReplaceNewest, with_mean_};
}

Sampler::Verdict Sampler::merge_extremes(const Line& line, double y) {
  if (waiting_ == 1) {
    if (y == first_) return {Fate::kSkip, {}};
    waiting_ = 2;
    second_ = y;
    return {Fate::kAppend, line.bytes};
  }
  const auto [smallest, largest] = std::minmax(first_, second_);
  if (smallest <= y && y <= largest) return {Fate::kSkip, {}};
  const bool outdoes_first = y < smallest ? first_ == smallest : first_ == largest;
  if (outdoes_first) first_ = second_;
  second_ = y;
  return {outdoes_first ? Fate::kReplaceBeforeNewest : Fate::kReplaceNewest, line.bytes};
}

}  // namespace plotbridge::stream
