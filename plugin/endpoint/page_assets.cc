#include "plugin/endpoint/page_assets.h"

#include <algorithm>

namespace plotbridge::endpoint {
namespace {

bool is_plot_page(std::string_view path) {
  constexpr std::string_view kPrefix = "/plots/";
  return path.starts_with(kPrefix) && path.size() > kPrefix.size() &&
         path.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

}  // namespace

const Asset* find_asset(std::string_view path) {
  if (is_plot_page(path)) path = "/";
  const std::span<const Asset> assets = all_assets();
  const auto found = std::find_if(assets.begin(), assets.end(),
                                  [path](const Asset& asset) { return asset.path == path; });
  return found == assets.end() ? nullptr : &*found;
}

}  // namespace plotbridge::endpoint
