// Reads a plot back as a figure, part by part. Each trace is as it was at one moment, when its turn
// came: it shares its values with the plot, and only when they move on there the reader has them
// alone. Lines that come meanwhile are in the traces behind. Not responsible for: who may read it.
// One thread at a time.
#pragma once

#include "plugin/endpoint/part_reader.h"
#include "plugin/endpoint/plot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

/// `{"data":[...],"layout":{...}}`, with the data that the plot holds, without tokens. A piece is
/// at most what a trace has of style or the plot of layout. Lost when the plot was replaced or
/// deleted meanwhile: what was read is no figure.
class FigureReader : public PartReader {
 public:
  /// `behind` the figure comes that.
  explicit FigureReader(std::shared_ptr<const Plot> plot, std::string_view behind = {});

  std::size_t held_bytes() const override;

 private:
  bool lost() const override { return plot_->resets() != resets_; }
  bool append_piece(std::size_t room, TimePoint now, std::string& out) override;
  void open_trace(std::string& out);
  void end(std::string& out);
  std::string_view piece() const;
  void skip(std::size_t bytes);

  std::shared_ptr<const Plot> plot_;
  std::string behind_;
  std::uint64_t resets_;  // of the plot, when the reading began
  std::size_t traces_;    // that it had then
  std::size_t next_ = 0;  // the trace whose turn comes next
  // What is read of the trace before that, from `at_` on: of the values of a column, or of the JSON
  // up to where they belong.
  std::optional<Trace::Text> trace_;
  std::size_t column_ = 0;
  bool in_column_ = false;
  std::size_t at_ = 0;
};

}  // namespace plotbridge::endpoint
