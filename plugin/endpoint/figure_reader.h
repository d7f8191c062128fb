// Reads a plot back as a figure, part by part, so that neither the time of one part nor the memory
// between two grows with the plot. Each trace is as it was at one moment, when its turn came: it
// shares its values with the plot, and only when they move on there the reader has them alone.
// Lines that come meanwhile are in the traces behind. Not responsible for: who reads, and how fast.
// One thread at a time.
#pragma once

#include "plugin/endpoint/plot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

class FigureReader {
 public:
  /// Of a part, but for the style of a trace or a layout.
  static constexpr std::size_t kPartBytes = std::size_t{64} << 10;

  enum class State : std::uint8_t {
    kMore,
    kWhole,
    kLost,  // the plot was replaced or deleted meanwhile: what was read is no figure
  };

  explicit FigureReader(std::shared_ptr<const Plot> plot);

  /// Appends the next part of `{"data":[...],"layout":{...}}`, with the data that the plot holds,
  /// without tokens.
  State read(std::string& out);

  /// What the reader has in memory that the plot has not.
  std::size_t held_bytes() const;

 private:
  void open_trace(std::string& out);
  void end(std::string& out);
  std::string_view piece() const;
  void skip(std::size_t bytes);

  std::shared_ptr<const Plot> plot_;
  std::uint64_t resets_;  // of the plot, when the reading began
  std::size_t traces_;    // that it had then
  std::size_t next_ = 0;  // the trace whose turn comes next
  // What is read of the trace before that, from `at_` on: of the values of a column, or of the JSON
  // up to where they belong.
  std::optional<Trace::Text> trace_;
  std::size_t column_ = 0;
  bool in_column_ = false;
  std::size_t at_ = 0;
  bool whole_ = false;
};

}  // namespace plotbridge::endpoint
