#include "plugin/endpoint/plot_json.h"

#include "plugin/base/utf8.h"
#include "plugin/endpoint/json_leaves.h"

#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;

// A connected stream without a line for this long is called quiet.
constexpr Duration kQuietAfter = 10s;

std::string_view state_name(const StreamState& stream, TimePoint now) {
  if (!stream.holder) return stream.was_connected ? "closed" : "waiting";
  return now - stream.last_line.value_or(stream.connected_since) >= kQuietAfter ? "quiet" : "live";
}

void append_rate(double rate, std::string& out) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), rate,
                                 std::chars_format::fixed, 1);
  out.append(digits.data(), end.ptr);
}

// Where there may be thousands of them, as in the list, no more than fits into a cell of a table.
void append_shown(std::string_view text, std::string& out) {
  constexpr std::size_t kShownBytes = 200;
  const std::string_view shown = whole_characters(text, kShownBytes);
  append_json_string(
      shown.size() == text.size() ? std::string(text) : std::string(shown) + "\u2026", out);
}

void append_name(const Plot::Member& member, std::string& out) {
  const std::string_view name = member.trace.style().find("name");
  if (name.starts_with('"')) {
    append_shown(text_of_json(name), out);
  } else {
    append_shown(member.stream, out);
  }
}

void append_names(const Plot::Member& member, std::string& out) {
  out += "\"name\":";
  append_name(member, out);
  out += ",\"stream\":";
  append_json_string(member.stream, out);
}

// The members `state` to `evictions`, without braces.
void append_state(const Plot::Member& member, StreamTable& streams, TimePoint now,
                  std::string& out) {
  if (!member.stream_id) {
    out += R"("state":"waiting","last":null,"age_ms":null,"lines":0,"rate":0.0,"evictions":0)";
    return;
  }
  StreamState& stream = streams[*member.stream_id];
  out += "\"state\":\"";
  out += state_name(stream, now);
  out += "\",\"last\":";
  if (stream.last_y.empty()) {
    out += "null";
  } else {
    append_json_string(stream.last_y, out);
  }
  out += ",\"age_ms\":";
  out += stream.last_line ? std::to_string((now - *stream.last_line) / 1ms) : "null";
  out += ",\"lines\":" + std::to_string(stream.lines) + ",\"rate\":";
  append_rate(stream.rate.rate(now), out);
  out += ",\"evictions\":" + std::to_string(stream.evictions);
}

void append_head(const Plot& plot, std::string& out) {
  out += "{\"id\":" + std::to_string(plot.id()) + ",\"name\":";
  append_json_string(plot.name(), out);
}

}  // namespace

std::string plots_json(const PlotBook& plots, StreamTable& streams, TimePoint now, PlotId after) {
  std::string out = "{\"plots\":[";
  const bool whole = plots.each_after(after, [&](const Plot& plot) {
    if (out.size() > kMaxPageBytes) return false;
    after = plot.id();
    if (out.back() != '[') out += ',';
    append_head(plot, out);
    out += ",\"traces\":[";
    for (const Plot::Member& member : plot.members()) {
      if (out.back() != '[') out += ',';
      out += '{';
      append_names(member, out);
      out += ',';
      append_state(member, streams, now, out);
      out += '}';
    }
    out += "]}";
    return true;
  });
  out += ']';
  if (!whole) out += ",\"next\":" + std::to_string(after);
  out += '}';
  return out;
}

std::optional<std::string> plot_json(const Plot& plot) {
  std::string out;
  append_head(plot, out);
  out += ",\"layout\":";
  plot.layout().write(out);
  out += ",\"traces\":[";
  for (const Plot::Member& member : plot.members()) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_names(member, out);
    out += ",\"max_points\":" + std::to_string(member.trace.max_points()) + ",\"style\":";
    member.trace.style().write(out);
    out += '}';
    if (out.size() > Figure::kMaxAnswerBytes) return std::nullopt;
  }
  out += "]}";
  return out;
}

std::string plot_status_json(const Plot& plot, StreamTable& streams, TimePoint now) {
  std::string out = "{\"traces\":[";
  for (const Plot::Member& member : plot.members()) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_state(member, streams, now, out);
    out += '}';
  }
  out += "]}";
  return out;
}

}  // namespace plotbridge::endpoint
