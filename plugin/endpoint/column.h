// One column of a trace: JSON values side by side as text, so that a window is written by one copy.
// Remembers which of them no reader has had yet. Not responsible for: limits and alignment
// (trace.h). Cost: that of the bytes that come or go, each moved a few times. One thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

/// The values of a column at one moment, with a comma between each two. It stays as it is while the
/// column goes on; both share their memory for as long as that goes.
struct ColumnText {
  std::shared_ptr<const std::string> memory;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view view() const { return std::string_view(*memory).substr(begin, end - begin); }
};

class Column {
 public:
  void append(std::string_view json);
  /// Takes the elements of `array`, one valid JSON array, in place of what there was: the newest
  /// `max_values` of them, and no more than have `max_bytes`.
  void replace(std::string_view array, std::size_t max_values, std::size_t max_bytes);
  /// Appends the elements of such an array, without the first `skipped`.
  void extend(std::string_view array, std::size_t skipped);
  /// Drops the oldest value; there is one.
  void drop_front();
  /// Appends nulls until there are `count` values.
  void pad(std::size_t count);

  std::size_t size() const { return count_; }
  /// Of the values it holds; its memory is at most twice that, and 128 bytes.
  std::size_t bytes() const { return text_->size() - begin_; }
  std::size_t memory_bytes() const { return text_->capacity(); }
  /// Whether its first value is an array.
  bool nested() const { return count_ > 0 && (*text_)[begin_] == '['; }

  /// All its values. Costs nothing now, and one copy of them when the column moves on in memory.
  ColumnText text() const { return {text_, begin_, text_->size() - (count_ > 0 ? 1 : 0)}; }
  /// Whether the text's memory is still that of the column.
  bool shares(const ColumnText& text) const { return text.memory == text_; }

  /// Appends the whole column as an array.
  void write(std::string& out) const;

  /// Appends what came since `mark_told` as an array.
  void write_untold(std::string& out) const;
  void mark_told() { untold_at_ = text_->size(); }

 private:
  void make_room(std::size_t more);
  void move_to(std::size_t capacity);
  void write_from(std::size_t begin, std::string& out) const;

  // Each value with a comma behind it; before `begin_` lie dropped ones. What is in there is never
  // changed or moved while a ColumnText has it, too; more may come behind it.
  std::shared_ptr<std::string> text_ = std::make_shared<std::string>();
  std::size_t begin_ = 0;
  std::size_t untold_at_ = 0;
  std::size_t count_ = 0;
};

}  // namespace plotbridge::endpoint
