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

class ListReader : public PartReader {
 public:
  ListReader(const PlotBook& plots, StreamTable& streams, PlotId after)
      : plots_(plots), streams_(streams), after_(after) {}

 private:
  bool append_piece(std::size_t, TimePoint now, std::string& out) override {
    const std::size_t before = out.size();
    const bool more = plot_ ? append_trace(now, out) : append_plot(out);
    written_ += out.size() - before;
    return more;
  }

  bool append_trace(TimePoint now, std::string& out) {
    // A plot may be made anew between two parts.
    if (trace_ >= plot_->members().size()) {
      out += "]}";
      plot_.reset();
      return true;
    }
    const Plot::Member& member = plot_->members()[trace_];
    out += trace_++ == 0 ? "{" : ",{";
    append_names(member, out);
    out += ',';
    append_state(member, streams_, now, out);
    out += '}';
    return true;
  }

  bool append_plot(std::string& out) {
    const bool first = written_ == 0;
    const Plot* next = nullptr;
    plots_.each_after(after_, [&next](const Plot& plot) {
      next = &plot;
      return false;
    });
    if (first) out += "{\"plots\":[";
    if (next == nullptr || written_ > kMaxPageBytes) {
      out += ']';
      if (next != nullptr) out += ",\"next\":" + std::to_string(after_);
      out += '}';
      return false;
    }
    if (!first) out += ',';
    plot_ = next->shared_from_this();
    after_ = next->id();
    trace_ = 0;
    append_head(*plot_, out);
    out += ",\"traces\":[";
    return true;
  }

  const PlotBook& plots_;
  StreamTable& streams_;
  PlotId after_;
  std::shared_ptr<const Plot> plot_;  // whose traces are being read
  std::size_t trace_ = 0;
  std::size_t written_ = 0;
};

// About, without names.
std::size_t plot_bytes(const Plot& plot) {
  std::size_t bytes = plot.layout().text_bytes();
  for (const Plot::Member& member : plot.members()) bytes += member.trace.style().text_bytes();
  return bytes;
}

class PlotReader : public PartReader {
 public:
  explicit PlotReader(const Plot& plot) : plot_(plot.shared_from_this()), resets_(plot.resets()) {}

 private:
  bool lost() const override { return plot_->resets() != resets_; }

  bool append_piece(std::size_t, TimePoint, std::string& out) override {
    if (!begun_) {
      begun_ = true;
      append_head(*plot_, out);
      out += ",\"layout\":";
      plot_->layout().write(out);
      out += ",\"traces\":[";
      return true;
    }
    if (trace_ == plot_->members().size()) {
      out += "]}";
      return false;
    }
    const Plot::Member& member = plot_->members()[trace_];
    out += trace_++ == 0 ? "{" : ",{";
    append_names(member, out);
    out += ",\"max_points\":" + std::to_string(member.trace.max_points()) + ",\"style\":";
    member.trace.style().write(out);
    out += '}';
    return true;
  }

  std::shared_ptr<const Plot> plot_;
  std::uint64_t resets_;  // of the plot, when the reading began
  std::size_t trace_ = 0;
  bool begun_ = false;
};

}  // namespace

std::shared_ptr<PartReader> read_plots(const PlotBook& plots, StreamTable& streams, PlotId after) {
  return std::make_shared<ListReader>(plots, streams, after);
}

std::shared_ptr<PartReader> read_plot(const Plot& plot) {
  if (plot_bytes(plot) > Figure::kMaxAnswerBytes) return nullptr;
  return std::make_shared<PlotReader>(plot);
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
