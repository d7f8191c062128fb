#include "plugin/http/access_guard.h"

#include "plugin/base/log.h"
#include "plugin/http/credentials.h"
#include "plugin/http/rest_v2.h"

#include <utility>

namespace plotbridge::http {
namespace {

// A browser sends no key before it is asked for one: that is no attempt.
bool has_tried(const Credentials& credentials) {
  return !credentials.name.empty() || !credentials.key.empty();
}

HttpResponse key_wanted(bool tried) {
  HttpResponse response;
  response.status = 401;
  response.body = tried ? "no user of server.users has this name and key"
                        : "this endpoint shows its plots to the users that server.users names: "
                          "name and key are asked for";
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"plotbridge\"");
  return response;
}

}  // namespace

std::optional<HttpResponse> AccessGuard::refusal(const RequestHead& head) const {
  if (head.path.starts_with("/v2/")) return rest_v2_refusal(head, accounts_);
  if (accounts_.anybody_may_look()) return std::nullopt;
  const Credentials credentials = credentials_of(head);
  if (accounts_.knows(credentials.name, credentials.key.reveal())) return std::nullopt;
  return key_wanted(has_tried(credentials));
}

bool AccessGuard::has_valid_key(const RequestHead& head) const {
  if (!accounts_.has_users()) return false;
  const Credentials credentials = credentials_of(head);
  return accounts_.knows(credentials.name, credentials.key.reveal());
}

void AccessGuard::refuse(TcpConnection& connection, const RequestHead& head,
                         const HttpResponse& refusal, TimePoint now) {
  std::string answer = render(refusal, head.method == "HEAD");
  const Credentials credentials = credentials_of(head);
  if (!has_tried(credentials) || !accounts_.has_users()) return connection.answer(answer);
  keys_.refuse(connection, KeyRefusals::Key::kInHead, credentials.name, std::move(answer), now);
}

bool AccessGuard::refuse_read(TcpConnection& connection, const HttpResponse& response,
                              std::string answer, TimePoint now) {
  if (!response.wrong_key_of || !accounts_.has_users()) return false;
  keys_.refuse(connection, KeyRefusals::Key::kInBody, *response.wrong_key_of, std::move(answer),
               now);
  return true;
}

void AccessGuard::look_for_proxy(const TcpConnection& connection, const RequestHead& head,
                                 TimePoint now) {
  if (!head.forwarded || !accounts_.anybody_may_look()) return;
  forwarded_.fetch_add(1, std::memory_order_relaxed);
  if (const auto suppressed = complaints_.admit("forwarded", now)) {
    log::warning(
        "a proxy brings requests here, and nobody is asked for a key: whoever reaches the proxy "
        "sees all plots",
        {{"from", connection.peer()},
         {"hint", "name who may look in server.users"},
         {"suppressed", *suppressed}});
  }
}

}  // namespace plotbridge::http
