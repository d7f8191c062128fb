// Concern: an endpoint that begins with what an earlier one wrote down is as that one was at the
// last transaction, whatever happened before and after it.
#include "tests/endpoint/saved_state_fixture.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace plotbridge::endpoint {
namespace {

TEST_F(SavedStateTest, brings_back_plots_of_every_origin_with_numbers_data_style_and_tokens) {
  line("aaaaaaaaaa",
       R"({"x":1,"y":2.50,"layout":{"title":{"text":"hot"}},"line":{"color":"red"}})");
  line("unannounced", R"({"x":[1,2],"y":[3,4],"marker":{"size":[5,6]}})");
  rest_plot("vec",
            R"([{"y":[1],"name":"café","stream":{"token":"cccccccccc","maxpoints":3}},{"y":[9]}])",
            R"({"xaxis":{"title":"t"}})");
  endpoint->plots().find("plant", "vec")->set_world_readable(false);
  line("cccccccccc", R"({"y":7})");
  Grid grid;
  grid.id = endpoint->plots().take_id();
  grid.owner = "plant";
  grid.name = "table";
  grid.world_readable = false;
  grid.columns.push_back({"first", {}, "[1,2,3]"});
  endpoint->grids().put(grid);
  const auto before = look();
  ASSERT_EQ(before.size(), 5U);  // the pump's, too
  commit();
  restart();
  EXPECT_EQ(look(), before);
  EXPECT_EQ(endpoint->grids().find("plant", "table")->columns[0].uid, "000000");
  EXPECT_FALSE(endpoint->grids().find("plant", "table")->world_readable);
  EXPECT_FALSE(endpoint->plots().find("plant", "vec")->world_readable());
  EXPECT_GT(endpoint->plots().take_id(), before.rbegin()->first);

  // And goes on as before.
  line("cccccccccc", R"({"y":8})");
  line("cccccccccc", R"({"y":9})");
  commit();
  const auto later = look();
  EXPECT_NE(later.at(4).find("[7,8,9]"), std::string::npos) << later.at(4);
  restart();
  EXPECT_EQ(look(), later);
}

TEST_F(SavedStateTest, has_a_plot_however_deep_its_lines_were) {
  for (std::size_t depth = 1; depth < 300; ++depth) {
    LineParser parser;
    const std::string open(depth, '[');
    for (const std::string& text :
         {"{\"z\":" + open + std::string(depth, ']') + '}',
          "{\"y\":1,\"layout\":{\"" + std::string(depth, '.') + "\":" + open + '1' +
              std::string(depth, ']') + "},\"" + std::string(depth, '.') + "\":1}"}) {
      if (parser.parse(text) != nullptr) line("aaaaaaaaaa", text);
      const std::string record = look().at(1);
      ASSERT_TRUE(read_record(record)) << depth << ' ' << record;
    }
  }
}

TEST_F(SavedStateTest, has_no_file_that_was_removed_and_room_for_another) {
  const FileId plot = rest_plot("vec", R"([{"stream":{"token":"cccccccccc"}}])").id();
  Grid table;
  table.id = endpoint->plots().take_id();
  const FileId grid = endpoint->grids().put(table).id;
  commit();
  for (std::size_t i = 2; i < PlotBook::kMostFiles; ++i) {
    ASSERT_FALSE(endpoint->plots().full());
    rest_plot(std::to_string(i), "[]");
  }
  EXPECT_TRUE(endpoint->plots().full());
  endpoint->plots().remove(*endpoint->plots().find(plot));
  EXPECT_FALSE(endpoint->plots().full());
  rest_plot("in its place", "[]");
  EXPECT_TRUE(endpoint->plots().full());
  endpoint->grids().remove(grid);
  EXPECT_FALSE(endpoint->plots().full());
  commit();
  for (const SavedFile& file : disk.saved().files) {
    EXPECT_NE(file.id, plot);
    EXPECT_NE(file.id, grid);
  }
  restart();
  EXPECT_EQ(endpoint->plots().find("plant", "vec"), nullptr);
  EXPECT_FALSE(endpoint->plots().full());
}

TEST_F(SavedStateTest, is_the_one_of_the_last_transaction_after_whatever_happened) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    disk = MemoryDisk();
    restart();
    std::mt19937 random(seed);
    const auto any = [&](unsigned below) { return random() % below; };
    const std::vector<std::string> tokens{"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd"};
    commit();
    auto kept = look();
    auto stood = standings(tokens);
    for (int step = 0; step < 60; ++step) {
      const std::string& token = tokens[any(4)];
      switch (any(12)) {
        case 0:
          rest_plot("p" + std::to_string(any(3)),
                    R"([{"y":[0],"stream":{"token":")" + token + R"(","maxpoints":5}}])");
          break;
        case 1:
          line(token, R"({"layout":{"title":"t)" + std::to_string(step) + R"("}})");
          break;
        case 2:
          if (auto* plot = endpoint->plots().find("plant", "p0")) {
            endpoint->plots().append(*plot, *read_figure(R"([{"y":[1]}])", "{}", nullptr),
                                     endpoint->streams());
          }
          break;
        case 3: {
          Grid grid;
          grid.id = endpoint->plots().take_id();
          grid.columns.push_back({"c", {}, "[" + std::to_string(step) + "]"});
          endpoint->grids().put(grid);
          break;
        }
        case 4:
          commit();
          kept = look();
          stood = standings(tokens);
          break;
        case 5:
          if (any(3) == 0) {  // a transaction that fails
            endpoint->take_changes();
            endpoint->changes_failed();
          }
          break;
        case 6:
          if (any(4) != 0) break;
          restart();
          for (const auto& [id, record] : look()) {
            // A configured stream that has no plot gets one again.
            if (!kept.contains(id) && record.starts_with(R"({"type":"automatic")")) continue;
            ASSERT_EQ(kept[id], record) << "seed " << seed << " step " << step;
          }
          // The data is what it was then, and so is how far the producers came with it.
          ASSERT_EQ(standings(tokens), stood) << "seed " << seed << " step " << step;
          break;
        case 7:
        case 8:
          numbered_line(token);
          // Nothing is acknowledged that a crash could take away.
          ASSERT_EQ(standings(tokens), stood) << "seed " << seed << " step " << step;
          break;
        case 9:
          if (auto* plot = endpoint->plots().find("plant", "p1")) endpoint->plots().remove(*plot);
          break;
        default:
          line(token, R"({"x":)" + std::to_string(step) + R"(,"y":1.0})");
          break;
      }
    }
  }
}

TEST_F(SavedStateTest, writes_a_fast_stream_whole_in_place_of_its_lines) {
  const auto opening = endpoint->open_stream("aaaaaaaaaa", 1, kNow);
  commit();
  for (int i = 0; i < 20'000; ++i) {
    endpoint->take_line(opening.stream, R"({"x":1,"y":)" + std::to_string(i) + '}', kNow);
  }
  const auto before = look();
  const StateChanges changes = endpoint->take_changes();
  EXPECT_EQ(changes.entries, "");
  ASSERT_EQ(changes.files.size(), 1U);
  EXPECT_LT(changes.files[0].record.size(), 2'000U);
  disk.commit(changes);
  restart();
  EXPECT_EQ(look(), before);
}

TEST_F(SavedStateTest, keeps_few_lines_however_many_came) {
  const auto opening = endpoint->open_stream("aaaaaaaaaa", 1, kNow);
  const std::string pad(1000, 'p');
  for (int transaction = 0; transaction < 600; ++transaction) {
    for (int i = 0; i < 50; ++i) {
      endpoint->take_line(opening.stream, R"({"y":1,"text":")" + pad + "\"}", kNow);
    }
    commit();
    ASSERT_LE(disk.lines_bytes(), Journal::kMostKept + 2 * Journal::kMostOfStream);
  }
  const auto before = look();
  restart();
  EXPECT_EQ(look(), before);
}

TEST_F(SavedStateTest, counts_everything_up_to_its_ticket_even_when_it_comes_in_parts) {
  std::string column = "[0";
  for (int i = 0; i < 8'000; ++i) column += ",\"" + std::string(400, 'x') + '"';
  column += ']';
  for (int i = 0; i < 8; ++i) {
    rest_plot("large " + std::to_string(i), R"([{"y":)" + column + R"(,"stream":{"token":"large)" +
                                                std::to_string(i) + R"(","maxpoints":10000}}])");
  }
  const std::uint64_t ticket = endpoint->journal().ticket();
  const StateChanges first = endpoint->take_changes();
  EXPECT_FALSE(first.whole);
  EXPECT_LT(first.ticket, ticket);
  EXPECT_EQ(first.forget_before, 0U);
  disk.commit(first);
  commit();
  const auto before = look();
  restart();
  EXPECT_EQ(look(), before);
}

TEST_F(SavedStateTest, keeps_the_data_of_a_plot_that_is_configured_otherwise) {
  line("aaaaaaaaaa", R"({"x":1,"y":2,"line":{"color":"red"}})");
  commit();
  const FileId id = 1;
  Options changed = plant();
  changed.plots[0].layout_json = R"({"title":{"text":"New name"}})";
  changed.plots.insert(changed.plots.begin(), PlotOptions{"Another", "{}", {}});
  restart(changed);
  const std::string record = look().at(id);
  EXPECT_NE(record.find("New name"), std::string::npos) << record;
  EXPECT_NE(record.find(R"("y":[2])"), std::string::npos) << record;
  EXPECT_EQ(record.find("color"), std::string::npos) << record;
  commit();
  Options without = plant();
  without.plots.clear();
  restart(without);
  EXPECT_EQ(look().count(id), 0U);
  commit();
  for (const SavedFile& file : disk.saved().files) EXPECT_NE(file.id, id);
}

TEST_F(SavedStateTest, opens_no_token_that_the_configuration_does_not_take_any_more) {
  line("unannounced", R"({"y":1})");
  commit();
  Options closed = plant();
  closed.open = false;
  restart(closed);
  EXPECT_EQ(endpoint->open_stream("unannounced", 1, kNow).status, Status::kUnknownToken);
}

TEST_F(SavedStateTest, does_without_what_is_damaged) {
  line("aaaaaaaaaa", R"({"y":1})");
  line("bbbbbbbbbb", R"({"y":2})");
  commit();
  line("aaaaaaaaaa", R"({"y":3})");
  commit();
  const SavedState good = disk.saved();
  ASSERT_FALSE(good.lines.empty());
  const auto begin = [](SavedState saved) {
    Options options = plant();
    options.saved = std::move(saved);
    Endpoint begun(std::move(options));
    std::string plots;
    begun.plots().each([&](const Plot& plot) { plots += record_of(plot, begun.streams()); });
    return plots;
  };
  for (std::size_t file = 0; file < good.files.size(); ++file) {
    for (std::size_t cut = 0; cut < good.files[file].record.size(); ++cut) {
      SavedState bad = good;
      bad.files[file].record.resize(cut);
      EXPECT_NE(begin(bad), "");
      bad = good;
      bad.files[file].record[cut] = '\x7f';
      EXPECT_NE(begin(bad), "");
    }
  }
  for (std::size_t cut = 0; cut < good.lines[0].entries.size(); ++cut) {
    SavedState bad = good;
    bad.lines[0].entries.resize(cut);
    EXPECT_NE(begin(bad), "");
    bad = good;
    bad.lines[0].entries[cut] = '9';
    EXPECT_NE(begin(bad), "");
  }
}

TEST(FileRecord, of_a_grid_that_lacks_something_can_be_written_again) {
  const auto read = read_record(R"({"type":"grid","columns":[{"name":"a"}]})");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read_record(record_of(std::get<Grid>(*read))));
}

TEST(LineBatch, gives_what_was_appended) {
  std::string batch;
  append_lines("a token", "{\"y\":1}\n{\"y\":2}", batch);
  append_lines("b", "{}", batch);
  std::string seen;
  EXPECT_TRUE(for_each_line(batch, [&](std::string_view token, std::string_view line) {
    seen += std::string(token) + '>' + std::string(line) + ';';
  }));
  EXPECT_EQ(seen, "a token>{\"y\":1};a token>{\"y\":2};b>{};");
  EXPECT_FALSE(for_each_line("5 5\nab", [](std::string_view, std::string_view) {}));
  EXPECT_FALSE(
      for_each_line("99999999999999999999 1\nx", [](std::string_view, std::string_view) {}));
}

}  // namespace
}  // namespace plotbridge::endpoint
