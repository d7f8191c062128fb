// The files of the live page, embedded at build time. Leaves to others: HTTP, and the data that the
// page asks for (plot_json.h). Any thread.
#pragma once

#include <span>
#include <string_view>

namespace plotbridge::endpoint {

struct Asset {
  std::string_view path;          ///< "/", "/app.js", ...
  std::string_view content_type;  ///< the value of the header
  std::string_view etag;          ///< the value of the header, with its quotes
  std::string_view gzip;          ///< the content, as for `Content-Encoding: gzip`
};

/// The asset at this path of a request (no query); null when there is none. The page of a plot
/// ("/plots/7", whether or not there is a plot 7) is the asset "/", which finds out by itself.
const Asset* find_asset(std::string_view path);

/// All of them, in no particular order.
std::span<const Asset> all_assets();

}  // namespace plotbridge::endpoint
