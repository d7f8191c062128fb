// Concern: whatever is done to a spool in whatever order, over restarts and sudden ends, it has
// what a few lists in memory say that it has. PLOTBRIDGE_SEEDS=N lives so many lives.
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>
#include <set>

namespace plotbridge::disk {
namespace {

using Lines = std::map<std::uint64_t, std::string>;

struct ModelStream {
  Lines lines;                       // as each was written last
  Lines maybe;                       // not wanted, but no file says so yet: may be back
  std::set<std::uint64_t> resolved;  // told, or known of earlier runs
  std::uint64_t end = 0;
  std::uint64_t end_told = 0;        // by what is not flushed
  std::optional<std::size_t> place;  // in the configuration; nothing: it is not there
};

class SegmentStoreModelTest : public SpoolFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::uint64_t below(std::uint64_t end) { return random() % end; }
  ModelStream& any_stream() {
    std::vector<ModelStream*> there;
    for (ModelStream& of : model) {
      if (of.place) there.push_back(&of);
    }
    return *there[below(there.size())];
  }
  ModelStream& stream_at(std::size_t place) {
    return *std::ranges::find(model, std::optional(place), &ModelStream::place);
  }

  void forget(const std::vector<DroppedLines>& all) {
    for (const DroppedLines& dropped : all) {
      ASSERT_FALSE(dropped.offsets.empty());
      std::uint64_t from = 0;
      for (const OffsetRange& offsets : dropped.offsets) {
        ASSERT_LE(from, offsets.from);
        ASSERT_LT(offsets.from, offsets.to);
        from = offsets.to;
        for (std::uint64_t offset = offsets.from; offset < offsets.to; ++offset) {
          ASSERT_EQ(stream_at(dropped.stream).lines.erase(offset), 1U) << offset;
        }
      }
    }
  }

  /// A new one, one that memory alone had until now, one that waits, or any other.
  std::uint64_t some_offset(const ModelStream& of) {
    const std::uint64_t what = below(10);
    if (what < 6 || of.end == 0) return of.end + (below(6) == 0 ? below(5) : 0);
    if (what < 8 && !of.lines.empty()) {
      auto line = of.lines.end();
      for (std::uint64_t back = 1 + below(5); back > 0 && line != of.lines.begin(); --back) --line;
      return line->first;
    }
    return below(of.end);
  }

  void put(const NewLine& line) {
    ModelStream& of = stream_at(line.stream);
    of.end = std::max(of.end, line.offset + 1);
    auto& where = of.resolved.contains(line.offset) ? of.maybe : of.lines;
    where[line.offset] = line.bytes;
  }

  void append_batch() {
    std::vector<std::string> texts(1 + below(8) * below(4));
    std::vector<NewLine> batch;
    for (std::string& text : texts) {
      ModelStream& of = any_stream();
      const std::uint64_t offset = some_offset(of);
      text = text_of(random() % 100'000, 20 + below(8) * below(80));
      batch.push_back({*of.place, offset, text, now, below(2) == 0});
    }
    for (std::span<const NewLine> left = batch; !left.empty();) {
      const auto appended = store->append(left);
      ASSERT_NE(appended.rest, AppendResult::kFailed);
      ASSERT_EQ(appended.rest == AppendResult::kYes, appended.lines == left.size());
      for (const NewLine& line : left.first(appended.lines)) put(line);
      left = left.subspan(appended.lines);
      if (left.empty()) break;
      const auto dropped = store->drop_oldest();
      ASSERT_FALSE(dropped.empty());
      forget(dropped);
    }
    ASSERT_TRUE(store->sync());
  }

  void resolve() {
    ModelStream& of = any_stream();
    std::uint64_t from = below(of.end + 3);
    if (below(2) == 0 && !of.lines.empty()) from = of.lines.begin()->first;
    const std::uint64_t to = from + below(12);
    store->resolve(*of.place, {from, to});
    for (std::uint64_t offset = from; offset < to; ++offset) {
      of.resolved.insert(offset);
      if (auto line = of.lines.extract(offset)) of.maybe[offset] = line.mapped();
    }
    if (from < to) of.end_told = std::max(of.end_told, to);
  }

  void reserve() {
    ModelStream& of = any_stream();
    const std::uint64_t end = below(of.end + 20);
    ASSERT_TRUE(store->reserve(*of.place, end));
    of.end = std::max(of.end, end);
  }

  void flush() {
    store->flush();
    for (ModelStream& of : model) {
      if (!of.place) continue;
      of.maybe.clear();
      of.end = std::max(of.end, of.end_told);
    }
  }

  /// Of the streams some are configured, in any order.
  void configure() {
    std::vector<std::string> names = {"boiler", "kiln", "press"};
    for (ModelStream& of : model) of.place.reset();
    options.streams.clear();
    std::vector<std::size_t> order = {0, 1, 2};
    std::ranges::shuffle(order, random);
    if (below(3) == 0) order.resize(1 + below(3));
    for (const std::size_t stream : order) {
      model[stream].place = options.streams.size();
      options.streams.push_back(names[stream]);
    }
  }

  void restart() {
    if (below(2) == 0) flush();
    const std::vector<ModelStream> before = model;
    configure();
    reopen();
    for (std::size_t i = 0; i < model.size() && !HasFatalFailure(); ++i) {
      if (model[i].place) recover(model[i], !before[i].place);
    }
    ASSERT_EQ(store->gauges(now).damaged, 0U);
  }

  void recover(ModelStream& of, bool was_away) {
    const auto recovered = store->recovered(*of.place);
    const Lines there = lines_of(*store, *of.place);
    for (const auto& [offset, line] : of.maybe) {
      if (there.contains(offset)) of.lines.emplace(offset, line);
    }
    // While it was not configured its lines made room for others, and nobody was told.
    if (was_away)
      std::erase_if(of.lines, [&](const auto& one) { return !there.contains(one.first); });
    of.maybe.clear();
    ASSERT_EQ(there, of.lines);
    ASSERT_LE(of.end, recovered.end);
    ASSERT_LE(recovered.end, std::max(of.end, of.end_told));
    of.end = of.end_told = recovered.end;
    of.resolved.clear();
    RangeSet without;
    for (std::uint64_t offset = 0; offset < of.end; ++offset) {
      if (of.lines.contains(offset)) continue;
      without.add(offset);
      of.resolved.insert(offset);
    }
    ASSERT_EQ(recovered.resolved.ranges(), without.ranges());
  }

  void compare() {
    for (const ModelStream& of : model) {
      if (!of.place) continue;
      const std::uint64_t from = below(2) * below(of.end + 1);
      ASSERT_EQ(lines_of(*store, *of.place, from),
                Lines(of.lines.lower_bound(from), of.lines.end()));
    }
    ASSERT_LE(bytes_on_disk(), options.capacity);
    ASSERT_EQ(bytes_on_disk(), store->gauges(now).bytes);
  }

  void live() {
    std::filesystem::remove_all(options.directory);
    model.assign(3, {});
    options.power = below(4) == 0;
    configure();
    reopen();
    for (int step = 0; step < 300 && !HasFatalFailure(); ++step) {
      const std::uint64_t what = below(100);
      now += std::chrono::seconds(below(20));
      if (what < 55) {
        append_batch();
      } else if (what < 70) {
        for (std::uint64_t n = 1 + below(4); n > 0; --n) resolve();
      } else if (what < 75) {
        reserve();
      } else if (what < 84) {
        flush();
      } else if (what < 87) {
        forget(store->expire(now));
      } else if (what < 89) {
        forget(store->drop_oldest());
      } else if (what < 95) {
        restart();
      } else {
        compare();
      }
    }
    compare();
  }

  std::mt19937 random;
  WallTime now = kNoon;
  std::vector<ModelStream> model;
};

/// In four parts, so that a sanitizer has time for each.
TEST_P(SegmentStoreModelTest, many_lives_go_as_the_model_says) {
  options.capacity = 80 << 10;
  options.max_age = std::chrono::hours(1);
  const char* seeds = std::getenv("PLOTBRIDGE_SEEDS");
  const unsigned lives = seeds == nullptr ? 75 : static_cast<unsigned>(std::atoi(seeds)) / 4;
  for (unsigned i = 0; i < lives && !HasFatalFailure(); ++i) {
    const unsigned seed = GetParam() + 4 * i;
    SCOPED_TRACE(seed);
    random.seed(seed);
    live();
  }
}

INSTANTIATE_TEST_SUITE_P(FromSeed, SegmentStoreModelTest, ::testing::Values(0U, 1U, 2U, 3U));

}  // namespace
}  // namespace plotbridge::disk
