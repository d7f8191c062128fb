// One plot: its layout, its traces with their data, and the feed of those who watch it. Leaves to
// others: which stream feeds which trace (plot_book.h) and how a stream is doing (stream_table.h).
// One thread at a time.
#pragma once

#include "plugin/endpoint/attributes.h"
#include "plugin/endpoint/feed.h"
#include "plugin/endpoint/line_parser.h"
#include "plugin/endpoint/stream_table.h"
#include "plugin/endpoint/trace.h"
#include "plugin/endpoint/window_budget.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::endpoint {

/// A plot's number, from 1; a Chart Studio file id.
using PlotId = std::uint32_t;

class Plot {
 public:
  struct Member {
    Member(std::string name, std::optional<StreamId> id, std::size_t max_points,
           std::string_view style, WindowBudget& budget)
        : stream(std::move(name)), stream_id(id), trace(max_points, style, budget) {}

    std::string stream;                 // its name
    std::optional<StreamId> stream_id;  // nothing: a name that no stream has
    Trace trace;
  };

  /// `budget` outlives the plot.
  Plot(PlotId id, std::string name, std::string_view layout, WindowBudget& budget);

  /// Answers the number of the new trace, from 0.
  std::size_t add_trace(std::string stream, std::optional<StreamId> stream_id,
                        std::size_t max_points, std::string_view style);

  /// Applies a line to one trace. False when part of it did not fit and was left out.
  bool apply(std::size_t trace, const LineUpdate& update);
  bool apply_layout(const LineUpdate& update);

  PlotId id() const { return id_; }
  const std::string& name() const { return name_; }
  const std::deque<Member>& members() const { return members_; }
  const Attributes& layout() const { return layout_; }
  const Feed& feed() const { return feed_; }

  /// Puts what readers were not told yet into the next frame of the feed, if there is anything.
  void cut_frame();

  /// Everything, as of the feed's newest frame. Cuts one first, so that no later frame repeats what
  /// the window has.
  std::string window();

 private:
  std::string untold() const;

  WindowBudget* budget_;
  PlotId id_;
  std::string name_;
  Attributes layout_;
  Attributes untold_layout_;
  std::deque<Member> members_;
  Feed feed_;
};

}  // namespace plotbridge::endpoint
