#include "plugin/config/stream_table.h"

#include "plugin/config/did_you_mean.h"
#include "plugin/config/units.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace plotbridge::config {
namespace {

std::string text_of(const StreamPlace& place, Mark mark) {
  return place.file + ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
}

std::string path_of(const StreamPlace& place, std::string_view key) {
  return place.path.empty() ? std::string(key) : place.path + '.' + std::string(key);
}

}  // namespace

void StreamTable::add(Stream stream, StreamPlace place) {
  streams_.push_back(std::move(stream));
  places_.push_back(std::move(place));
}

void StreamTable::check(Mistakes& mistakes) const {
  check_doubled(mistakes);
  if (nameless_) return;
  std::vector<std::string_view> names;
  names.reserve(streams_.size());
  for (const Stream& stream : streams_) names.push_back(stream.name);
  const std::unordered_set<std::string_view> known(names.begin(), names.end());
  for (const StreamUse& use : uses_) {
    if (known.contains(use.name)) continue;
    mistakes.add(use.mark, use.path,
                 "no stream is named " + shown(use.name) + did_you_mean(use.name, names));
  }
}

void StreamTable::check_doubled(Mistakes& mistakes) const {
  std::unordered_map<std::string_view, std::size_t> by_name;
  std::unordered_map<std::string_view, std::size_t> by_token;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const StreamPlace& place = places_[i];
    if (const auto [first, fresh] = by_name.emplace(streams_[i].name, i); !fresh) {
      const StreamPlace& other = places_[first->second];
      mistakes.add_in(place.file, place.name, path_of(place, "name"),
                      "a stream named " + shown(streams_[i].name) + " is already at " +
                          text_of(other, other.name));
    }
    // A token that could not be read is empty.
    if (streams_[i].token.empty()) continue;
    if (const auto [first, fresh] = by_token.emplace(streams_[i].token.reveal(), i); !fresh) {
      const StreamPlace& other = places_[first->second];
      mistakes.add_in(place.file, place.token, path_of(place, "token"),
                      "the same token as that of " + shown(streams_[first->second].name) + " at " +
                          text_of(other, other.token) + ": two streams would evict each other");
    }
  }
}

std::string_view flaw_in_stream_name(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > 200) return "is longer than 200 bytes";
  if (std::ranges::any_of(name, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; })) {
    return "a stream's name holds no control characters";
  }
  if (name.find_first_of("{}") != std::string_view::npos) {
    return "a stream's name holds no { or }: a route could not name it";
  }
  return {};
}

Result<double> parse_max_rate(std::string_view text, std::optional<double> most) {
  auto rate = parse_rate(text);
  if (rate && most && *rate > *most) {
    return fail(ErrorKind::kInvalid, "chart_studio takes at most 20/s of a stream");
  }
  return rate;
}

}  // namespace plotbridge::config
