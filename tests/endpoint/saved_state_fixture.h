// An endpoint whose state goes to a disk in memory, and may be killed and begin again at any time.
// One thread.
#pragma once

#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/file_record.h"
#include "plugin/endpoint/line_batch.h"
#include "plugin/endpoint/upload.h"

#include "tests/support/memory_disk.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::endpoint {

inline constexpr TimePoint kNow{std::chrono::hours(1)};

inline Options plant() {
  Options options;
  options.streams.push_back({"boiler", Secret("aaaaaaaaaa")});
  options.streams.push_back({"pump", Secret("bbbbbbbbbb")});
  PlotOptions room;
  room.name = "Boiler room";
  room.layout_json = R"({"title":{"text":"Boiler room"}})";
  room.traces.push_back({"boiler", {}, 20, R"({"type":"scatter","name":"boiler"})"});
  options.plots.push_back(room);
  return options;
}

class SavedStateTest : public ::testing::Test {
 protected:
  SavedStateTest() { restart(); }

  /// kill -9, and begin again with what the disk has.
  void restart(Options options = plant()) {
    disk.forget_unfinished();
    options.saved = disk.saved();
    endpoint.emplace(std::move(options));
  }
  void commit() {
    const std::uint64_t noted = endpoint->journal().ticket();
    StateChanges changes;
    do {
      changes = endpoint->take_changes();
      disk.commit(changes);
    } while (!changes.whole);
    endpoint->changes_kept();
    EXPECT_TRUE(changes.empty() || changes.ticket >= noted);
  }

  void line(std::string_view token, std::string_view text) {
    const auto opening = endpoint->open_stream(token, 1, kNow);
    ASSERT_EQ(opening.status, Status::kDone);
    EXPECT_NE(endpoint->take_line(opening.stream, text, kNow), Endpoint::Taken::kBad);
    endpoint->close_stream(opening.stream, 1);
  }

  /// A line with its number, which is also its y.
  void numbered_line(const std::string& token, const std::string& producer = "bridge") {
    const Position* const known =
        endpoint->streams().find(token)
            ? endpoint->positions().find(*endpoint->streams().find(token), producer)
            : nullptr;
    const std::uint64_t next = known == nullptr ? 0 : known->applied.first_gap(0);
    const std::string text = R"({"y":)" + std::to_string(next) + "}\n";
    Upload::Head head{token, false, text.size()};
    head.wish.numbering = {producer, 1, next};
    Upload upload(*endpoint, 1);
    upload.start(head, kNow, {});
    upload.take(text, kNow);
    EXPECT_EQ(upload.ended(), Status::kDone);
  }
  std::map<std::string, std::uint64_t> standings(const std::vector<std::string>& tokens) const {
    std::map<std::string, std::uint64_t> all;
    for (const std::string& token : tokens) all[token] = kept_lines(token);
    return all;
  }
  /// Of the bridge in the stream, all of which have the numbers from 0 on.
  std::uint64_t kept_lines(const std::string& token) const {
    const auto have = endpoint->standing(token, "bridge").have;
    if (have.empty()) return 0;
    EXPECT_EQ(have.size(), 1U);
    EXPECT_EQ(have.front().from, 0U);
    return have.front().to;
  }

  Plot& rest_plot(const std::string& name, std::string_view data, std::string_view layout = "{}") {
    PlotBook& plots = endpoint->plots();
    Plot* plot = plots.find("plant", name);
    if (plot == nullptr) plot = &plots.add(PlotOrigin::kRest, "plant", name, "{}");
    plots.fill(*plot, *read_figure(data, layout, nullptr), endpoint->streams());
    return *plot;
  }

  /// All plots and grids as they are, with the tokens that feed them.
  std::map<FileId, std::string> look() {
    std::map<FileId, std::string> all;
    endpoint->plots().each(
        [&](const Plot& plot) { all[plot.id()] = record_of(plot, endpoint->streams()); });
    endpoint->grids().each([&](const Grid& grid) { all[grid.id] = record_of(grid); });
    return all;
  }

  MemoryDisk disk;
  std::optional<Endpoint> endpoint;
};

}  // namespace plotbridge::endpoint
