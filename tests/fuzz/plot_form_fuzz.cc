// Concern: whatever a plot request's body is, it is read as a form or as nothing, and a figure made
// of it is JSON. The first byte chooses the content type.
#include "plugin/endpoint/figure_reader.h"
#include "plugin/endpoint/journal.h"
#include "plugin/endpoint/json_leaves.h"
#include "plugin/endpoint/plot_book.h"
#include "plugin/endpoint/plot_form.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool parts = data[0] % 2 == 1;
  const auto form = endpoint::read_plot_form(
      body, parts ? "multipart/form-data; boundary=b" : "application/x-www-form-urlencoded");
  const auto no_column = [](std::string_view) -> std::optional<std::string_view> {
    return "[1,2]";
  };
  const auto figure = endpoint::read_figure(form.args, form.kwargs, no_column);
  if (!figure) return 0;
  endpoint::StreamTable streams(100);
  endpoint::Journal journal;
  endpoint::PlotBook plots(1 << 20, journal);
  auto& plot = plots.add(endpoint::PlotOrigin::kRest, "owner", "name", "{}");
  plots.fill(plot, *figure, streams);
  plots.append(plot, *figure, streams);
  plots.extend(plot, *figure);
  std::string out;
  endpoint::FigureReader reader(plot.shared_from_this());
  while (reader.read(out, TimePoint{}) == endpoint::FigureReader::State::kMore) {
  }
  must_hold(endpoint::is_json(out), "a figure is JSON");
  return 0;
}
