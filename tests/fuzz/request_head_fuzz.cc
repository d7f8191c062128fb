// Concern: whatever a client sends as a head is refused or read, and what was read is no more than
// what it sent; so are the name and key in it.
#include "plugin/http/credentials.h"
#include "plugin/http/request_head.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto head = http::parse_request_head(text);
  if (!head) {
    must_hold(!head.error().message.empty(), "a refusal says why");
    return 0;
  }
  must_hold(!head->method.empty(), "there is a method");
  must_hold(head->path.find('?') == std::string::npos, "a path has no query");
  must_hold(!head->chunked || head->content_length == 0, "a body is framed in one way");
  std::size_t kept = head->method.size() + head->path.size() + head->query.size();
  for (const std::string& host : head->hosts) kept += host.size();
  for (const std::string* field :
       {&head->token, &head->time_zone, &head->user_agent, &head->content_type,
        &head->authorization, &head->plotly_authorization, &head->plotly_username,
        &head->plotly_apikey, &head->if_none_match, &head->last_event_id}) {
    must_hold(field->find_first_of("\r\n") == std::string::npos, "a field is one line");
    kept += field->size();
  }
  must_hold(kept <= size, "no more is kept than was sent");
  const auto who = http::credentials_of(*head);
  must_hold(who.name.size() + who.key.reveal().size() <= size, "a name and key were sent");
  return 0;
}
