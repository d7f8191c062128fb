#include "plugin/endpoint/column.h"

#include "plugin/endpoint/json_leaves.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace plotbridge::endpoint {
namespace {

// Less than this is not worth a move.
constexpr std::size_t kSlack = 128;

}  // namespace

void Column::make_room(std::size_t more) {
  if (text_->size() + more > text_->capacity()) move_to(bytes() + more + bytes() / 2);
}

// Without the dropped ones. A string on its own would at least double its memory.
void Column::move_to(std::size_t capacity) {
  auto moved = std::make_shared<std::string>();
  moved->reserve(capacity);
  moved->append(*text_, begin_);
  text_ = std::move(moved);
  untold_at_ -= begin_;
  begin_ = 0;
}

void Column::append(std::string_view json) {
  make_room(json.size() + 1);
  *text_ += json;
  *text_ += ',';
  ++count_;
}

void Column::replace(std::string_view array, std::size_t max_values, std::size_t max_bytes) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for_each_element(array, [&](std::string_view json) {
    ++count;
    bytes += json.size() + 1;
  });
  std::size_t skipped = count <= max_values ? 0 : count - max_values;
  if (bytes > max_bytes) {
    std::size_t element = 0;
    for_each_element(array, [&](std::string_view json) {
      if (bytes > max_bytes) skipped = std::max(skipped, ++element);
      bytes -= json.size() + 1;
    });
  }
  // A long column must not leave its memory with a short one.
  text_ = std::make_shared<std::string>();
  begin_ = 0;
  untold_at_ = 0;
  count_ = 0;
  extend(array, skipped);
}

void Column::extend(std::string_view array, std::size_t skipped) {
  const std::size_t before = bytes();
  std::size_t element = 0;
  for_each_element(array, [&](std::string_view json) {
    if (element++ >= skipped) append(json);
  });
  // Within nested arrays valid JSON has them only as white space; they would break a line of
  // server-sent events.
  const auto added = text_->begin() + static_cast<std::ptrdiff_t>(begin_ + before);
  std::replace(added, text_->end(), '\r', ' ');
  std::replace(added, text_->end(), '\n', ' ');
}

void Column::drop_front() {
  begin_ += value_length(std::string_view(*text_).substr(begin_)) + 1;
  --count_;
  untold_at_ = std::max(untold_at_, begin_);
  if (text_->capacity() > 2 * bytes() + kSlack) move_to(bytes());
}

void Column::pad(std::size_t count) {
  constexpr std::string_view kGap = "null,";
  if (count_ >= count) return;
  const std::size_t more = (count - count_) * kGap.size();
  make_room(more);
  const std::size_t begin = text_->size();
  text_->resize(begin + more);
  for (std::size_t at = begin; at < text_->size(); at += kGap.size()) {
    std::memcpy(text_->data() + at, kGap.data(), kGap.size());
  }
  count_ = count;
}

void Column::write(std::string& out) const { write_from(begin_, out); }

void Column::write_untold(std::string& out) const { write_from(untold_at_, out); }

void Column::write_from(std::size_t begin, std::string& out) const {
  out += '[';
  out.append(*text_, begin);
  if (out.back() == ',') out.pop_back();
  out += ']';
}

}  // namespace plotbridge::endpoint
