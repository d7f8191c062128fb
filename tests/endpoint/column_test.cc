// Concern: a column that slides over its values has what was appended last, in memory that follows
// what it has, and what others were given of it stays as it was.
#include "plugin/endpoint/column.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace plotbridge::endpoint {
namespace {

std::string joined(const std::deque<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text;
}

TEST(Column, HasWhatWasAppendedAndNotDroppedInTwiceItsMemory) {
  std::mt19937 random(7);
  Column column;
  std::deque<std::string> expected;
  ColumnText text = column.text();
  std::string then;
  for (int step = 0; step < 40'000; ++step) {
    // It grows, slides, shrinks, and begins again.
    const unsigned phase = static_cast<unsigned>(step) / 1'000 % 4;
    const bool drops = phase == 2 || (phase == 1 && step % 2 == 0);
    if (drops && !expected.empty()) {
      expected.pop_front();
      column.drop_front();
    } else if (random() % 3 == 0) {
      column.pad(expected.size() + 3);
      expected.insert(expected.end(), 3, "null");
    } else if (random() % 3 == 0) {
      column.extend("[1,[2,3],4]", 1);
      expected.insert(expected.end(), {"[2,3]", "4"});
    } else {
      expected.push_back(std::to_string(random() % 1'000));
      column.append(expected.back());
    }
    ASSERT_EQ(column.size(), expected.size());
    ASSERT_LE(column.memory_bytes(), 2 * column.bytes() + 160);
    if (step % 100 == 0) {
      ASSERT_EQ(text.view(), then) << "though the column went on";
      ASSERT_EQ(column.text().view(), joined(expected));
      text = column.text();
      then = joined(expected);
    }
  }
}

}  // namespace
}  // namespace plotbridge::endpoint
