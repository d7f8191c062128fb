#include "plugin/endpoint/plot.h"

#include <algorithm>
#include <utility>

namespace plotbridge::endpoint {

Plot::Plot(PlotId id, PlotOrigin origin, std::string owner, std::string name,
           std::string_view layout, WindowBudget& budget)
    : budget_(&budget),
      id_(id),
      origin_(origin),
      owner_(std::move(owner)),
      name_(std::move(name)),
      feed_(budget) {
  layout_.merge(layout);
  account();
}

void Plot::account() {
  const std::size_t bytes = layout_.bytes() + untold_layout_.bytes();
  budget_->move(held_, bytes);
  held_ = bytes;
}

void Plot::reset(std::string_view layout) {
  ++resets_;
  members_.clear();
  layout_.clear();
  layout_.merge(layout);
  untold_layout_.clear();
  account();
  feed_.push_break();
}

std::size_t Plot::add_trace(std::string stream, std::optional<StreamId> stream_id,
                            std::size_t max_points, std::string_view style) {
  members_.emplace_back(std::move(stream), stream_id, max_points, style, *budget_);
  return members_.size() - 1;
}

bool Plot::apply(std::size_t trace, const LineUpdate& update) {
  return members_[trace].trace.apply(update);
}

bool Plot::apply_layout(const LineUpdate& update) {
  bool fits = true;
  if (update.layout.empty()) return fits;
  for (const auto& entry : update.layout) {
    if (layout_.find(entry.path) == entry.json) continue;
    const std::size_t more = layout_.growth(entry.path, entry.json);
    if (budget_->exceeded() && more > 0 && layout_.bytes() + more > Trace::kReservedBytes) {
      fits = false;
    } else if (layout_.set(entry.path, entry.json)) {
      untold_layout_.set(entry.path, entry.json);
    } else {
      fits = false;
    }
  }
  account();
  return fits;
}

std::size_t Plot::text_bytes() const {
  std::size_t bytes = layout_.text_bytes();
  for (const Member& member : members_) bytes += member.trace.text_bytes();
  return bytes;
}

void Plot::cut_frame() {
  // Columns that are rewritten and longer than all that the feed keeps are not written as a frame:
  // whoever reads gets the window.
  std::size_t rewritten = 0;
  const auto needs_window = [&](const Member& member) {
    rewritten += member.trace.rewritten_bytes();
    return member.trace.needs_window() || rewritten > Feed::kMaxBytes;
  };
  const auto has_news = [](const Member& member) { return member.trace.untold(); };
  if (std::any_of(members_.begin(), members_.end(), needs_window)) {
    feed_.push_break();
  } else if (!untold_layout_.empty() || std::any_of(members_.begin(), members_.end(), has_news)) {
    feed_.push(untold());
  } else {
    return;
  }
  for (Member& member : members_) member.trace.mark_told();
  untold_layout_.clear();
  account();
}

std::string Plot::window() {
  cut_frame();
  std::string out;
  out.reserve(text_bytes());
  out += "{\"traces\":[";
  for (const Member& member : members_) {
    if (out.back() != '[') out += ',';
    member.trace.write_window(out);
  }
  out += "],\"layout\":";
  layout_.write(out);
  out += '}';
  return out;
}

std::string Plot::untold() const {
  std::string out = "{\"traces\":{";
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (!members_[i].trace.untold()) continue;
    if (out.back() != '{') out += ',';
    out += '"';
    out += std::to_string(i);
    out += "\":";
    members_[i].trace.write_untold(out);
  }
  out += '}';
  if (!untold_layout_.empty()) {
    out += ",\"layout\":";
    untold_layout_.write(out);
  }
  out += '}';
  return out;
}

}  // namespace plotbridge::endpoint
