#include "plugin/endpoint/column.h"

#include "plugin/endpoint/json_leaves.h"

#include <algorithm>

namespace plotbridge::endpoint {
namespace {

// Below this, moving bytes to the front costs more than it frees.
constexpr std::size_t kWorthCompacting = 1024;

}  // namespace

void Column::append(std::string_view json) {
  text_ += json;
  text_ += ',';
  ++count_;
}

void Column::replace(std::string_view array) {
  text_.clear();
  begin_ = 0;
  untold_at_ = 0;
  count_ = 0;
  for_each_element(array, [this](std::string_view json) { append(json); });
  // Within nested arrays valid JSON has it only as white space; it would break a line of
  // server-sent events.
  std::replace(text_.begin(), text_.end(), '\r', ' ');
}

void Column::drop_front() {
  begin_ += value_length(std::string_view(text_).substr(begin_)) + 1;
  --count_;
  untold_at_ = std::max(untold_at_, begin_);
  if (begin_ < kWorthCompacting || begin_ < text_.size() / 2) return;
  text_.erase(0, begin_);
  untold_at_ -= begin_;
  begin_ = 0;
  if (text_.capacity() > 4 * (text_.size() + kWorthCompacting)) text_.shrink_to_fit();
}

void Column::pad(std::size_t count) {
  while (count_ < count) append("null");
}

void Column::write(std::string& out) const { write_from(begin_, out); }

void Column::write_untold(std::string& out) const { write_from(untold_at_, out); }

void Column::write_from(std::size_t begin, std::string& out) const {
  out += '[';
  out.append(text_, begin);
  if (out.back() == ',') out.pop_back();
  out += ']';
}

}  // namespace plotbridge::endpoint
