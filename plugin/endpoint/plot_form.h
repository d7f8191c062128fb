// The body of a version 1 plot request in all the ways the old clients write it: form-urlencoded,
// form-urlencoded by name only (raw JSON with `&` and spaces in it), without a type, as parts of a
// multipart form, and with the last bytes missing. Cost: each byte is looked at a few times, and
// compared with a boundary of at most 70 bytes. Not responsible for: what it asks for. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace plotbridge::endpoint {

struct PlotForm {
  std::string platform;
  std::string user;
  std::string key;
  std::string origin = "plot";  // or style, layout
  std::string args;             // JSON: an array of traces, or x and y lists
  std::string kwargs;           // JSON: filename, fileopt, layout, ...
};

PlotForm read_plot_form(std::string_view body, std::string_view content_type);

/// `%41` is A and `+` a space; a `%` that starts no byte stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace plotbridge::endpoint
