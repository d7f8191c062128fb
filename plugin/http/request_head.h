// What the servers need to know of a request's head. Accepts what official clients send: two Host
// headers, unknown Connection options. Leaves to others: bodies. Any thread.
#pragma once

#include "plugin/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plotbridge::http {

/// A longer head is refused.
inline constexpr std::size_t kMaxHeadBytes = 16 * 1024;

/// Of a client that numbers its lines and wants to hear which are kept.
struct LineNumbering {
  std::uint32_t epoch = 0;
  std::uint64_t first = 0;  // the offset of the first line
};

struct RequestHead {
  std::string method;
  std::string path;   // without scheme, authority and query
  std::string query;  // behind the question mark
  bool http_1_0 = false;
  std::vector<std::string> hosts;
  std::optional<std::string> origin;
  std::string
      fetch_site;         // what a browser says of the page that asks; empty: no browser, or an old
  std::string token;      // empty: no header
  std::string time_zone;  // of `plotly-convertTimestamp`, without its quotes
  std::string user_agent;
  std::string content_type;
  std::string authorization;
  std::string plotly_authorization;
  std::string plotly_username;
  std::string plotly_apikey;
  bool chunked = false;
  std::uint64_t content_length = 0;
  bool expects_continue = false;
  bool accepts_gzip = false;
  std::string if_none_match;
  std::string last_event_id;
  std::string producer;                    // empty: no header
  std::optional<LineNumbering> numbering;  // only with a producer
  bool polite = false;                     // wants nobody evicted
  bool forwarded = false;                  // a proxy or tunnel says that it brought it
};

/// What a copy of it takes of memory.
std::size_t memory_of(const RequestHead& head);

/// `text` is a head with the empty line at its end. A Stream-* header that says nothing is refused:
/// who sends one relies on it.
Result<RequestHead> parse_request_head(std::string_view text);

}  // namespace plotbridge::http
