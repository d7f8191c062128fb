#include "plugin/http/kept_answers.h"

namespace plotbridge::http {

void KeptAnswers::answer(TcpConnection& connection, std::string answer, TimePoint now) {
  const std::uint64_t ticket = journal_.ticket();
  if (!wake_ || failing() || ticket <= kept_) return connection.answer(answer);
  connection.keep_answer(std::move(answer));
  waiting_.push_back({ticket, now + patience_, connection.id()});
  wake_();
}

void KeptAnswers::kept(std::uint64_t ticket) {
  kept_ = ticket;
  while (!waiting_.empty() && waiting_.front().ticket <= ticket) answer_first();
}

void KeptAnswers::on_sweep(TimePoint now) {
  while (!waiting_.empty() && waiting_.front().until <= now) answer_first();
}

void KeptAnswers::answer_first() {
  const Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  if (TcpConnection* const connection = server_.find(first.connection)) {
    connection->contain([&] { connection->answer_kept(); });
  }
}

}  // namespace plotbridge::http
