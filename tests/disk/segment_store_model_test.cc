// Concern: whatever is done to a spool in whatever order, over restarts and sudden ends, it has
// what a few lists in memory say that it has.
#include "tests/disk/spool_fixture.h"

#include <algorithm>
#include <random>

namespace plotbridge::disk {
namespace {

struct ModelStream {
  std::map<std::uint64_t, std::string> lines;
  std::map<std::uint64_t, std::string> releasing;  // not flushed: a sudden end brings them back
  std::map<std::uint64_t, std::uint64_t> numbers;  // of lines that were handed out, by id
  std::uint64_t next_number = 0;
  std::optional<Numbering> run;  // the last that the store was told
  std::uint64_t next_id = 0;
  std::uint64_t released_to = 0;  // the furthest
};

class SegmentStoreModelTest : public SpoolFixture, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::uint64_t below(std::uint64_t end) { return random() % end; }

  static std::optional<std::uint64_t> number_of(std::uint64_t id,
                                                const std::vector<Numbering>& runs) {
    for (const Numbering& run : runs) {
      if (id >= run.id && id - run.id < run.lines) return run.number + id - run.id;
    }
    return std::nullopt;
  }

  void forget(const std::vector<Lost>& all_lost) {
    for (const Lost& lost : all_lost) {
      auto& lines = model[lost.stream].lines;
      const auto first = lines.lower_bound(lost.first_id);
      const auto end = lines.lower_bound(lost.end_id);
      // Other lines between belong to other segments, but for spools whose lines are out of order.
      ASSERT_EQ(static_cast<std::size_t>(std::distance(first, end)), lost.lines);
      lines.erase(first, end);
    }
  }

  void write(std::size_t stream, bool replace) {
    ModelStream& of = model[stream];
    std::uint64_t id = of.next_id + (below(8) == 0 ? below(5) : 0);  // ids may have holes
    if (replace && !of.lines.empty()) {
      auto line = of.lines.end();
      for (std::uint64_t back = 1 + below(3); back > 0 && line != of.lines.begin(); --back) --line;
      id = line->first;
    }
    const std::string text = text_of(random() % 100'000, 20 + below(600));
    const queue::LineStore::NewLine line{id, text, now};
    for (;;) {
      const Kept kept = replace ? store->replace(stream, line) : store->append(stream, line);
      ASSERT_NE(kept, Kept::kFailed);
      if (kept == Kept::kYes) break;
      const auto lost = store->give_up_oldest();
      ASSERT_FALSE(lost.empty());
      forget(lost);
    }
    if (replace) {
      of.lines.erase(of.lines.lower_bound(id), of.lines.end());
      of.releasing.erase(of.releasing.lower_bound(id), of.releasing.end());
    }
    of.lines[id] = text;
    of.next_id = std::max(of.next_id, id + 1);
  }

  void release(std::size_t stream) {
    ModelStream& of = model[stream];
    if (of.lines.empty()) return;
    const std::uint64_t front = of.lines.begin()->first;
    const std::uint64_t choice = below(4);
    std::uint64_t from = front;
    if (choice == 0) from += below(of.next_id - front);
    if (choice == 1) from = std::clamp(of.released_to, front, of.next_id - 1);
    const std::uint64_t to = std::min(of.next_id, from + 1 + below(12));
    store->release(stream, from, to);
    of.released_to = std::max(of.released_to, to);
    const auto first = of.lines.lower_bound(from);
    const auto end = of.lines.lower_bound(to);
    of.releasing.insert(first, end);
    of.lines.erase(first, end);
  }

  // Lines are handed out in whatever order.
  void number(std::size_t stream) {
    ModelStream& of = model[stream];
    if (below(8) == 0) {  // an endpoint goes on at an earlier one
      of.next_number -= std::min(of.next_number, below(10));
      std::erase_if(of.numbers, [&](const auto& one) { return one.second >= of.next_number; });
      of.run.reset();
    }
    for (std::uint64_t n = 1 + below(6); n > 0 && !of.lines.empty(); --n) {
      const std::uint64_t from = below(of.next_id);
      auto line = of.lines.lower_bound(from);
      while (line != of.lines.end() && of.numbers.contains(line->first)) ++line;
      if (line == of.lines.end()) continue;
      const std::uint64_t id = line->first;
      const bool runs_on = of.run && of.next_number - of.run->number == id - of.run->id &&
                           of.next_number - of.run->number < of.run->lines;
      if (!runs_on) {
        of.run = {id, of.next_number, below(4) == 0 ? Numbering::kOpen : 1 + below(10)};
        store->number(stream, *of.run);
      }
      of.numbers[id] = of.next_number++;
    }
  }

  void restart() {
    const bool sudden = below(2) == 0;
    if (!sudden) flush();
    reopen();
    for (std::size_t stream = 0; stream < model.size(); ++stream) {
      ModelStream& of = model[stream];
      const auto there = lines_of(*store, stream);
      for (const auto& [id, line] : there) {
        const auto again = of.releasing.find(id);
        if (again != of.releasing.end()) of.lines.insert(*again);
      }
      of.releasing.clear();
      const queue::Recovered recovered = store->recovered(stream);
      ASSERT_EQ(recovered.lines, of.lines.size());
      if (!of.lines.empty()) {
        ASSERT_EQ(recovered.front_id, of.lines.begin()->first);
      }
      ASSERT_EQ(recovered.next_id, of.next_id);
      of.run.reset();
      for (const auto& [id, line] : of.lines) {
        const auto known = number_of(id, recovered.numberings);
        if (const auto number = of.numbers.find(id); number != of.numbers.end()) {
          ASSERT_EQ(known, number->second) << id;
        } else if (known) {
          ASSERT_GE(*known, of.next_number) << id << " seems to have been handed out";
        }
      }
    }
    ASSERT_EQ(store->gauges(now).damaged, 0U);
  }

  void flush() {
    store->flush();
    for (ModelStream& of : model) of.releasing.clear();
  }

  void compare() {
    for (std::size_t stream = 0; stream < model.size(); ++stream) {
      ASSERT_EQ(lines_of(*store, stream), model[stream].lines);
    }
    ASSERT_LE(bytes_on_disk(), options.capacity);
    ASSERT_EQ(bytes_on_disk(), store->gauges(now).bytes);
  }

  void live() {
    std::filesystem::remove_all(options.directory);
    model.assign(options.streams.size(), {});
    reopen();
    for (int step = 0; step < 400 && !HasFatalFailure(); ++step) {
      const std::size_t stream = below(model.size());
      const std::uint64_t what = below(100);
      now += std::chrono::seconds(below(20));
      if (what < 70) {
        write(stream, what < 10);
      } else if (what < 82) {
        for (std::uint64_t n = 1 + below(4); n > 0; --n) release(stream);
      } else if (what < 87) {
        number(stream);
      } else if (what < 94) {
        flush();
      } else if (what < 96) {
        forget(store->expire(now));
      } else if (what < 97) {
        forget(store->give_up_oldest());
      } else if (what < 99) {
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
TEST_P(SegmentStoreModelTest, seventy_five_lives_go_as_the_model_says) {
  options.capacity = 64 << 10;
  options.max_age = std::chrono::hours(1);
  options.streams = {"boiler", "kiln", "press"};
  for (unsigned seed = GetParam(); seed < GetParam() + 75 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    live();
  }
}

INSTANTIATE_TEST_SUITE_P(FromSeed, SegmentStoreModelTest, ::testing::Values(0U, 75U, 150U, 225U));

}  // namespace
}  // namespace plotbridge::disk
