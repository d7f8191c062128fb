#include "plugin/model/capture_template.h"

#include <algorithm>

namespace plotbridge {

Result<CaptureTemplate> CaptureTemplate::parse(std::string_view text) {
  CaptureTemplate result;
  const auto bad = [&](std::string_view what) {
    return fail(ErrorKind::kInvalid,
                "template \"" + std::string(text) + "\": " + std::string(what));
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t brace = text.find_first_of("{}", at);
    if (brace == std::string_view::npos) {
      result.parts.push_back({false, std::string(text.substr(at))});
      break;
    }
    if (text[brace] == '}') return bad("a } without its {");
    if (brace > at) result.parts.push_back({false, std::string(text.substr(at, brace - at))});
    const std::size_t close = text.find_first_of("{}", brace + 1);
    if (close == std::string_view::npos || text[close] == '{') return bad("a { without its }");
    if (close == brace + 1) return bad("{} names no capture");
    result.parts.push_back({true, std::string(text.substr(brace + 1, close - brace - 1))});
    at = close + 1;
  }
  return result;
}

bool CaptureTemplate::has_captures() const {
  return std::any_of(parts.begin(), parts.end(), [](const Part& part) { return part.capture; });
}

std::optional<std::string> CaptureTemplate::render(
    const std::function<std::optional<std::string_view>(std::string_view name)>& value_of) const {
  std::string text;
  for (const Part& part : parts) {
    if (!part.capture) {
      text += part.text;
    } else if (const auto value = value_of(part.text)) {
      text += *value;
    } else {
      return std::nullopt;
    }
  }
  return text;
}

}  // namespace plotbridge
