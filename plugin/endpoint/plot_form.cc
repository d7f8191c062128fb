#include "plugin/endpoint/plot_form.h"

#include "plugin/endpoint/hex_digit.h"
#include "plugin/endpoint/json_leaves.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace plotbridge::endpoint {
namespace {

constexpr std::array<std::string_view, 7> kNames = {"platform", "version", "un",    "key",
                                                    "origin",   "args",    "kwargs"};

// The name that `text` begins with, before its `=`; empty: none that is known.
std::string_view name_at(std::string_view text) {
  for (const std::string_view name : kNames) {
    if (text.size() > name.size() && text[name.size()] == '=' && text.starts_with(name)) {
      return name;
    }
  }
  return {};
}

void set(PlotForm& form, std::string_view name, std::string_view value) {
  const bool json = name == "args" || name == "kwargs";
  // Some clients say that they escaped it and did not.
  std::string text = json && is_json(value) ? std::string(value) : percent_decoded(value);
  if (name == "origin") {
    // Of a body that was cut short: p, pl, plo.
    if (std::string_view("plot").starts_with(text)) return;
    form.origin = std::move(text);
  } else if (name == "platform") {
    form.platform = std::move(text);
  } else if (name == "un") {
    form.user = std::move(text);
  } else if (name == "key") {
    form.key = std::move(text);
  } else if (name == "args") {
    form.args = std::move(text);
  } else if (name == "kwargs") {
    form.kwargs = std::move(text);
  }
}

// A client that counts characters and sends bytes loses the end of `&origin=plot`.
std::string_view without_cut_off_origin(std::string_view body) {
  constexpr std::string_view kLast = "&origin=";
  for (std::size_t size = std::min(kLast.size(), body.size()); size > 0; --size) {
    if (body.ends_with(kLast.substr(0, size))) return body.substr(0, body.size() - size);
  }
  return body;
}

PlotForm read_urlencoded(std::string_view body) {
  PlotForm form;
  while (body.ends_with('\n') || body.ends_with('\r')) body.remove_suffix(1);
  body = without_cut_off_origin(body);
  // A value goes up to the next known name, because an `&` may be part of it.
  for (std::size_t at = 0; at < body.size();) {
    const std::string_view name = name_at(body.substr(at));
    const std::size_t begin = at + (name.empty() ? 0 : name.size() + 1);
    std::size_t end = body.find('&', begin);
    while (end != std::string_view::npos && name_at(body.substr(end + 1)).empty()) {
      end = body.find('&', end + 1);
    }
    end = std::min(end, body.size());
    if (!name.empty()) set(form, name, body.substr(begin, end - begin));
    at = end + 1;
  }
  return form;
}

// The parts of a multipart/form-data body (RFC 7578); only their names and contents count.
PlotForm read_multipart(std::string_view body, std::string_view boundary) {
  PlotForm form;
  const std::string line = "--" + std::string(boundary);
  for (std::size_t at = body.find(line); at != std::string_view::npos;) {
    const std::size_t begin = at + line.size();
    const std::size_t next = body.find("\r\n" + line, begin);
    if (next == std::string_view::npos) break;
    const std::string_view part = body.substr(begin, next - begin);
    const std::size_t head_end = part.find("\r\n\r\n");
    constexpr std::string_view kName = "name=\"";
    const std::size_t name_at = part.find(kName);
    if (head_end != std::string_view::npos && name_at < head_end) {
      const std::size_t name_begin = name_at + kName.size();
      const std::size_t name_end = part.find('"', name_begin);
      const std::string_view name = part.substr(name_begin, name_end - name_begin);
      const std::string_view value = part.substr(head_end + 4);
      if (name == "args" || name == "kwargs" || value.find('%') == std::string_view::npos) {
        set(form, name, value);
      } else if (name == "un") {
        form.user = value;
      } else if (name == "key") {
        form.key = value;
      }
    }
    at = next + 2;
  }
  return form;
}

}  // namespace

PlotForm read_plot_form(std::string_view body, std::string_view content_type) {
  constexpr std::string_view kBoundary = "boundary=";
  const std::size_t at = content_type.find(kBoundary);
  if (!content_type.starts_with("multipart/") || at == std::string_view::npos) {
    return read_urlencoded(body);
  }
  std::string_view boundary = content_type.substr(at + kBoundary.size());
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.size() >= 2 && boundary.front() == '"') {
    boundary = boundary.substr(1, boundary.size() - 2);
  }
  // RFC 2046 allows no more; a longer one could be compared with much of the body at each byte.
  constexpr std::size_t kMaxBoundary = 70;
  return boundary.size() > kMaxBoundary ? PlotForm() : read_multipart(body, boundary);
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace plotbridge::endpoint
