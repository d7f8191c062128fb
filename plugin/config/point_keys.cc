#include "plugin/config/point_keys.h"

#include "plugin/config/node.h"

namespace plotbridge::config {

std::string PointKeys::add(std::string_view key) {
  if (key.empty() || key.front() == '.' || key.back() == '.' ||
      key.find("..") != std::string_view::npos) {
    return "a key is names with dots between them";
  }
  // In the Arduino form of the protocol this key says whose stream a line is.
  if (key == "streamtoken") return "an endpoint would take this key's value for the stream's token";
  if (parents_.contains(std::string(key))) {
    return shown(key) + " is a value here and holds keys elsewhere in this point";
  }
  std::string flaw;
  for (std::size_t dot = key.find('.'); dot != std::string_view::npos;
       dot = key.find('.', dot + 1)) {
    const std::string parent(key.substr(0, dot));
    const bool open = last_.starts_with(parent + '.');
    if (values_.contains(parent)) {
      flaw = shown(parent) + " holds keys here and is a value elsewhere in this point";
    } else if (!parents_.insert(parent).second && !open && flaw.empty()) {
      flaw = "the keys below " + shown(parent) + " must stand together";
    }
  }
  values_.insert(std::string(key));
  last_ = key;
  return flaw;
}

}  // namespace plotbridge::config
