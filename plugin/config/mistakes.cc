#include "plugin/config/mistakes.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace plotbridge::config {
namespace {

constexpr std::size_t kMaxTold = 1000;
// There are a few kinds of them, each at one place.
constexpr std::size_t kMaxWarnings = 100;

std::string message_of(std::string_view path, std::string_view what) {
  std::string message(path);
  if (!path.empty()) message += ": ";
  message += what;
  // Parts of it were written by others and go to a terminal.
  std::ranges::replace_if(
      message, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, '?');
  return message;
}

}  // namespace

std::string Mistake::place() const {
  return file + ':' + std::to_string(line) + ':' + std::to_string(column);
}

std::string Mistake::to_string() const { return place() + ": " + message; }

void Mistakes::add(Mark mark, std::string_view path, std::string_view what) {
  add_in(files_.front(), mark, path, what);
}

void Mistakes::add_in(const std::string& file, Mark mark, std::string_view path,
                      std::string_view what) {
  if (found_.size() == kMaxTold) {
    ++untold_;
    return;
  }
  const auto known = std::find(files_.begin(), files_.end(), file);
  const auto index = static_cast<std::size_t>(known - files_.begin());
  if (known == files_.end()) files_.push_back(file);
  found_.push_back({index, {file, mark.line, mark.column, message_of(path, what)}});
}

void Mistakes::warn(Mark mark, std::string_view path, std::string_view what) {
  if (warnings_.size() == kMaxWarnings) return;
  warnings_.push_back({files_.front(), mark.line, mark.column, message_of(path, what)});
}

void Mistakes::note_literal_secret(Mark mark, std::string_view path) {
  if (!literal_secret_) literal_secret_ = Place{mark, std::string(path)};
}

std::vector<Mistake> Mistakes::take() {
  std::stable_sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
    return std::tie(a.file, a.mistake.line, a.mistake.column) <
           std::tie(b.file, b.mistake.line, b.mistake.column);
  });
  std::vector<Mistake> mistakes;
  mistakes.reserve(found_.size() + 1);
  for (Found& found : found_) mistakes.push_back(std::move(found.mistake));
  if (untold_ > 0) {
    Mistake rest = mistakes.back();
    rest.message = "and " + std::to_string(untold_) + " more mistakes after these";
    mistakes.push_back(std::move(rest));
  }
  found_.clear();
  untold_ = 0;
  return mistakes;
}

}  // namespace plotbridge::config
