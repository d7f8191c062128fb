// Concern: tokens, plots and what the page is told, as docs/page_api.md has it.
#include "plugin/endpoint/endpoint.h"

#include "plugin/endpoint/plot_json.h"

#include "tests/support/start_time.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::endpoint {
namespace {

using namespace std::chrono_literals;
Options plant() {
  Options options;
  options.open = false;
  options.streams.push_back({"boiler.temperature", Secret("aaaaaaaaaa")});
  options.streams.push_back({"pump", Secret("bbbbbbbbbb")});
  PlotOptions room;
  room.name = "Boiler room";
  room.layout_json = "{\"title\": {\"text\": \"Boiler room\"}}";
  room.traces.push_back({"boiler.temperature", {}, 2, R"({"type": "scatter", "name": "boiler"})"});
  room.traces.push_back({"", Secret("cccccccccc"), 500, R"({"type":"bar"})"});
  options.plots.push_back(room);
  return options;
}

TEST(Endpoint, NumbersConfiguredPlotsFirstAndGivesEveryOtherStreamItsOwn) {
  Endpoint endpoint(plant());
  ASSERT_NE(endpoint.plot(1), nullptr);
  EXPECT_EQ(endpoint.plot(1)->name(), "Boiler room");
  ASSERT_NE(endpoint.plot(2), nullptr);
  EXPECT_EQ(endpoint.plot(2)->name(), "pump");
  EXPECT_EQ(endpoint.plot(0), nullptr);
  EXPECT_EQ(endpoint.plot(3), nullptr);
  EXPECT_EQ(read_plot(*endpoint.plot(1))->read_all(kStart),
            R"({"id":1,"name":"Boiler room","layout":{"title":{"text":"Boiler room"}},"traces":[)"
            R"({"name":"boiler","stream":"boiler.temperature","max_points":2,)"
            R"("style":{"name":"boiler","type":"scatter"}},)"
            R"({"name":"stream 1","stream":"stream 1","max_points":500,"style":{"type":"bar"}}]})");
}

TEST(Endpoint, RefusesUnknownTokensUnlessItIsOpen) {
  Endpoint closed(plant());
  EXPECT_EQ(closed.open_stream("zzzzzzzzzz", 1, kStart).status, Status::kUnknownToken);
  EXPECT_EQ(closed.open_stream("", 1, kStart).status, Status::kMissingToken);
  EXPECT_EQ(closed.open_stream("cccccccccc", 1, kStart).status, Status::kDone);

  Options options;
  options.max_streams = 2;
  Endpoint open(options);
  EXPECT_EQ(open.plot(1), nullptr);
  EXPECT_EQ(open.open_stream("zzzzzzzzzz", 1, kStart).status, Status::kDone);
  ASSERT_NE(open.plot(1), nullptr);
  EXPECT_EQ(open.plot(1)->name(), "stream 1");
  EXPECT_EQ(open.open_stream(std::string(1000, 'z'), 2, kStart).status, Status::kUnknownToken);
  EXPECT_EQ(open.open_stream("yyyyyyyyyy", 3, kStart).status, Status::kDone);
  EXPECT_EQ(open.open_stream("xxxxxxxxxx", 4, kStart).status, Status::kDatabaseError);
  EXPECT_EQ(open.open_stream("zzzzzzzzzz", 5, kStart).evicted, ConnectionId{1});
}

TEST(Endpoint, TellsHowEachStreamIsDoing) {
  Endpoint endpoint(plant());
  Plot& plot = *endpoint.plot(2);
  EXPECT_EQ(
      endpoint.status_json(plot, kStart),
      R"({"traces":[{"state":"waiting","last":null,"age_ms":null,"lines":0,"rate":0.0,"evictions":0}]})");
  const StreamId pump = endpoint.open_stream("bbbbbbbbbb", 1, kStart).stream;
  endpoint.take_line(pump, R"({"x":1,"y":81.50})", kStart);
  EXPECT_EQ(
      endpoint.status_json(plot, kStart + 120ms),
      R"({"traces":[{"state":"live","last":"81.50","age_ms":120,"lines":1,"rate":0.0,"evictions":0}]})");
  endpoint.take_line(pump, R"({"x":[1,2],"y":[3,"on"]})", kStart + 1s);
  EXPECT_EQ(
      endpoint.status_json(plot, kStart + 11s),
      R"({"traces":[{"state":"quiet","last":"\"on\"","age_ms":10000,"lines":2,"rate":0.1,"evictions":0}]})");
  endpoint.open_stream("bbbbbbbbbb", 2, kStart + 12s);
  endpoint.close_stream(pump, 2);
  EXPECT_EQ(
      endpoint.status_json(plot, kStart + 3600s),
      R"({"traces":[{"state":"closed","last":"\"on\"","age_ms":3599000,"lines":2,"rate":0.0,"evictions":1}]})");
}

TEST(Endpoint, NeverShowsAToken) {
  Options options = plant();
  options.open = true;
  Endpoint endpoint(options);
  const StreamId stream = endpoint.open_stream("dddddddddd", 1, kStart).stream;
  endpoint.take_line(
      stream, R"({"y":1,"streamtoken":"dddddddddd","stream":{"token":"dddddddddd"}})", kStart);
  std::string everything = endpoint.read_plots()->read_all(kStart);
  for (PlotId id = 1; Plot* const plot = endpoint.plot(id); ++id) {
    everything +=
        read_plot(*plot)->read_all(kStart) + plot->window() + endpoint.status_json(*plot, kStart);
  }
  for (const char* const token : {"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"}) {
    EXPECT_EQ(everything.find(token), std::string::npos) << token;
  }
  EXPECT_NE(everything.find("stream 2"), std::string::npos);
}

TEST(Endpoint, ListsItsPlotsByPagesOfBoundedSize) {
  Options options;
  options.open = true;
  Endpoint endpoint(options);
  const std::string name(1000, 'n');
  constexpr std::size_t kPlots = 5000;
  for (std::size_t i = 0; i < kPlots; ++i) {
    const auto opening = endpoint.open_stream("token" + std::to_string(i), i + 1, kStart);
    endpoint.take_line(opening.stream, "{\"name\":\"" + name + "\"}", kStart);
  }
  std::size_t listed = 0;
  std::size_t pages = 0;
  for (PlotId after = 0; pages == 0 || after != 0;) {
    const std::string page = endpoint.read_plots(after)->read_all(kStart);
    ++pages;
    ASSERT_LE(page.size(), kMaxPageBytes + 4096);
    EXPECT_EQ(page.find(name), std::string::npos) << "names are cut";
    for (auto at = page.find("{\"id\":"); at != std::string::npos;
         at = page.find("{\"id\":", at + 1)) {
      ++listed;
    }
    const auto next = page.find("],\"next\":");
    after = next == std::string::npos ? 0 : static_cast<PlotId>(std::stoul(page.substr(next + 9)));
  }
  EXPECT_EQ(listed, kPlots);
  EXPECT_GT(pages, 1U);
}

TEST(Endpoint, FeedsEveryTraceThatShowsTheStream) {
  Options options = plant();
  PlotOptions overview;
  overview.name = "Overview";
  overview.traces.push_back({"pump", {}, 500, "{}"});
  overview.traces.push_back({"pump", {}, 1, "{}"});
  overview.traces.push_back({"no such stream", {}, 500, "{}"});
  options.plots.push_back(overview);
  Endpoint endpoint(options);
  const StreamId pump = endpoint.open_stream("bbbbbbbbbb", 1, kStart).stream;
  endpoint.take_line(pump, R"({"y":1,"layout":{"title":{"text":"Pumps"}}})", kStart);
  endpoint.take_line(pump, R"({"y":2})", kStart);
  EXPECT_EQ(endpoint.plot(2)->window(),
            R"({"traces":[{"columns":{"y":[1,2]},"style":{}},{"columns":{"y":[2]},"style":{}},)"
            R"({"columns":{},"style":{}}],"layout":{"title":{"text":"Pumps"}}})");
}

TEST(Endpoint, AWindowAndTheFramesAfterItHaveEachPointOnce) {
  Endpoint endpoint(plant());
  const StreamId stream = endpoint.open_stream("aaaaaaaaaa", 1, kStart).stream;
  Plot& plot = *endpoint.plot(1);
  endpoint.take_line(stream, R"({"x":1,"y":1})", kStart);
  const std::string window = plot.window();
  EXPECT_NE(window.find(R"("x":[1])"), std::string::npos);
  const std::uint64_t cursor = plot.feed().sequence();
  plot.cut_frame();
  EXPECT_EQ(plot.feed().sequence(), cursor) << "nothing new, no frame";
  endpoint.take_line(stream, R"({"x":2,"y":2,"layout":{"title":{"text":"T"}}})", kStart);
  plot.cut_frame();
  std::string frames;
  plot.feed().read(cursor, [&](std::uint64_t, std::string_view frame) { frames += frame; });
  EXPECT_EQ(frames,
            R"({"traces":{"0":{"append":{"x":[2],"y":[2]}}},"layout":{"title":{"text":"T"}}})");
}

TEST(Endpoint, EndsStreamsThatSayNothing) {
  Options options = plant();
  options.idle_timeout = 60s;
  Endpoint endpoint(options);
  const StreamId stream = endpoint.open_stream("aaaaaaaaaa", 7, kStart).stream;
  EXPECT_TRUE(endpoint.expire_idle(kStart + 59s).empty());
  endpoint.hear(stream, kStart + 59s);
  EXPECT_TRUE(endpoint.expire_idle(kStart + 118s).empty());
  EXPECT_EQ(endpoint.expire_idle(kStart + 119s), std::vector<ConnectionId>{7});
  endpoint.close_stream(stream, 7);
  EXPECT_TRUE(endpoint.expire_idle(kStart + 300s).empty());
}

TEST(Status, HasTheTextsThatClientsKnow) {
  EXPECT_EQ(text_of(Status::kDone), "healthy endpoint disconnect");
  EXPECT_EQ(text_of(Status::kMissingToken), "bad request header: missing 'plotly-streamtoken'");
  EXPECT_EQ(text_of(Status::kBadLine), "json parse error: please stream newline seperated JSON");
  EXPECT_EQ(text_of(Status::kEvicted),
            "connection limit associated with this token has been reached");
}

}  // namespace
}  // namespace plotbridge::endpoint
