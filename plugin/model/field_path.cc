#include "plugin/model/field_path.h"

#include <charconv>

namespace plotbridge {
namespace {

tl::unexpected<Error> bad_path(std::string_view text, std::size_t at, std::string_view what) {
  return fail(ErrorKind::kInvalid, "field path \"" + std::string(text) +
                                       "\": " + std::string(what) + " at character " +
                                       std::to_string(at + 1));
}

}  // namespace

Result<FieldPath> FieldPath::parse(std::string_view text) {
  FieldPath path;
  std::size_t at = 0;
  bool name_may_follow = true;
  while (at < text.size()) {
    if (text[at] == '[') {
      const std::size_t close = text.find(']', at);
      if (close == std::string_view::npos) return bad_path(text, at, "no ] for the [");
      std::size_t index = 0;
      const char* first = text.data() + at + 1;
      const char* last = text.data() + close;
      const auto [end, error] = std::from_chars(first, last, index);
      if (error != std::errc() || end != last || first == last) {
        return bad_path(text, at + 1, "expected an index (0, 1, 2, ...)");
      }
      path.steps.emplace_back(index);
      at = close + 1;
      name_may_follow = false;
    } else {
      if (!name_may_follow) {
        if (text[at] != '.') return bad_path(text, at, "expected . or [");
        ++at;
      }
      const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
      if (end == at) return bad_path(text, at, "expected a name");
      path.steps.emplace_back(std::string(text.substr(at, end - at)));
      at = end;
      name_may_follow = false;
      if (at + 1 == text.size() && text[at] == '.')
        return bad_path(text, at + 1, "expected a name");
    }
  }
  if (path.steps.empty()) return bad_path(text, 0, "expected a name");
  return path;
}

std::string FieldPath::to_string() const {
  std::string text;
  for (const Step& step : steps) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (!text.empty()) text += '.';
      text += *name;
    } else {
      text += '[' + std::to_string(std::get<std::size_t>(step)) + ']';
    }
  }
  return text;
}

}  // namespace plotbridge
