#include "plugin/http/key_refusals.h"

#include "plugin/base/log.h"
#include "plugin/base/utf8.h"

#include <memory>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::size_t kUserShown = 60;

// Of a client that waits for its answer: what it sends meanwhile is of no use.
class IgnoringSession : public Session {
 public:
  void on_bytes(std::string_view, TimePoint) override {}
  void on_end_of_input(TimePoint) override {}
};

}  // namespace

void KeyRefusals::refuse(TcpConnection& connection, Key key, std::string_view user,
                         std::string answer, TimePoint now) {
  count_.fetch_add(1, std::memory_order_relaxed);
  if (const auto suppressed = complaints_.admit("key", now)) {
    std::string shown;
    append_valid_utf8(whole_characters(user, kUserShown), shown);
    log::warning(
        "wrong key",
        {{"user", shown},
         {"from", connection.peer()},
         {"suppressed", *suppressed},
         {"hint", "a mistyped key, or somebody guesses: if it goes on, block that address"}});
  }
  const auto at = peers_.answer_at(connection.address(), now);
  if (!at || (*at > now && waiting_.size() >= kMaxWaiting)) return connection.close();
  if (*at <= now) return connection.answer(answer);
  if (key == Key::kInHead) connection.attach(std::make_unique<IgnoringSession>());
  waiting_.emplace(*at, Waiting{connection.id(), std::move(answer)});
  waiting_count_.store(waiting_.size(), std::memory_order_relaxed);
}

void KeyRefusals::on_sweep(TimePoint now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    const Waiting due = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    if (TcpConnection* const connection = server_.find(due.connection)) {
      connection->contain([&] { connection->answer(due.answer); });
    }
  }
  waiting_count_.store(waiting_.size(), std::memory_order_relaxed);
}

}  // namespace plotbridge::http
