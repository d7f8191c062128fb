// One plot: its layout, its traces with their data, and the feed of those who watch it. Leaves to
// others: which stream feeds which trace (plot_book.h) and how a stream is doing (stream_table.h).
// One thread at a time.
#pragma once

#include "plugin/endpoint/attributes.h"
#include "plugin/endpoint/feed.h"
#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/trace.h"
#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::endpoint {

/// A plot's number, from 1; a Chart Studio file id.
using PlotId = FileId;

/// Who made a plot.
enum class PlotOrigin : std::uint8_t {
  kConfig,
  kAutomatic,  // because a stream had none
  kRest,
};

/// Shared by its book and by those who watch it.
class Plot : public std::enable_shared_from_this<Plot> {
 public:
  struct Member {
    Member(std::string name, std::optional<StreamId> id, std::size_t max_points,
           std::string_view style, WindowBudget& budget)
        : stream(std::move(name)), stream_id(id), trace(max_points, style, budget) {}

    std::string stream;                 // its name
    std::optional<StreamId> stream_id;  // nothing: a name that no stream has
    Trace trace;
  };

  /// `budget` outlives the plot. `owner` is a user's name; empty unless the plot came by REST.
  Plot(PlotId id, PlotOrigin origin, std::string owner, std::string name, std::string_view layout,
       WindowBudget& budget);
  ~Plot() { budget_->move(held_, 0); }
  Plot(const Plot&) = delete;
  Plot& operator=(const Plot&) = delete;

  /// Answers the number of the new trace, from 0.
  std::size_t add_trace(std::string stream, std::optional<StreamId> stream_id,
                        std::size_t max_points, std::string_view style);

  /// Applies a line to one trace. False when part of it did not fit and was left out.
  bool apply(std::size_t trace, const LineUpdate& update);
  bool apply_layout(const LineUpdate& update);

  /// Leaf by leaf, one JSON object.
  void restore_layout(std::string_view layout) {
    layout_.merge(layout);
    account();
  }
  /// As if it were made anew: without traces, with this layout.
  void reset(std::string_view layout);
  /// It is gone for good, with its data; only those who watch it still have it.
  void end() {
    reset("{}");
    ended_ = true;
  }
  bool ended() const { return ended_; }
  /// How often it was made anew.
  std::uint64_t resets() const { return resets_; }
  /// A trace keeps its data, but no stream feeds it any more.
  void release(std::size_t trace) { members_[trace].stream_id.reset(); }
  /// A stream feeds it again.
  void bind(std::size_t trace, StreamId stream) { members_[trace].stream_id = stream; }
  Trace& trace(std::size_t trace) { return members_[trace].trace; }

  PlotId id() const { return id_; }
  PlotOrigin origin() const { return origin_; }
  const std::string& owner() const { return owner_; }
  const std::string& name() const { return name_; }
  /// Which saying of the configuration it was made from; empty when it was from none.
  const std::string& configured() const { return configured_; }
  void set_configured(std::string configured) { configured_ = std::move(configured); }
  /// What the client wished that made it, to be told to those who ask; it opens nothing.
  bool world_readable() const { return world_readable_; }
  void set_world_readable(bool readable) { world_readable_ = readable; }
  const std::deque<Member>& members() const { return members_; }
  const Attributes& layout() const { return layout_; }
  const Feed& feed() const { return feed_; }

  /// About how long its style, layout and data are as text. Costs a look at each trace.
  std::size_t text_bytes() const;

  /// Puts what readers were not told yet into the next frame of the feed, if there is anything.
  void cut_frame();

  /// Everything, as of the feed's newest frame. Cuts one first, so that no later frame repeats what
  /// the window has.
  std::string window();

 private:
  std::string untold() const;
  void account();

  WindowBudget* budget_;
  PlotId id_;
  PlotOrigin origin_;
  std::string owner_;
  std::string name_;
  std::string configured_;
  bool world_readable_ = true;
  bool ended_ = false;
  std::uint64_t resets_ = 0;
  Attributes layout_;
  Attributes untold_layout_;
  std::size_t held_ = 0;  // of the budget, by the layout
  std::deque<Member> members_;
  Feed feed_;
};

}  // namespace plotbridge::endpoint
