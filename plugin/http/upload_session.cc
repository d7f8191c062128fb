#include "plugin/http/upload_session.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/http/http_message.h"
#include "plugin/model/protocol.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <span>
#include <string>
#include <vector>

namespace plotbridge::http {
namespace {

using endpoint::Status;

std::string answer_of(Status status) { return render_text(code_of(status), text_of(status)); }

HttpResponse refusal(Status status) {
  HttpResponse response;
  response.status = code_of(status);
  response.body = text_of(status);
  const std::string_view word = endpoint::close_word(status);
  if (!word.empty()) response.headers.emplace_back("Stream-Close", word);
  return response;
}

// What an operator is told of a refusal.
std::string_view why(Status status) {
  if (status == Status::kEvicted) {
    return "another client has this token, and two that take it from each other get nothing "
           "through: give each a token of its own";
  }
  return text_of(status);
}

StreamEnd end_of(Status status, bool by_itself) {
  if (status == Status::kFenced) return StreamEnd::kFenced;
  if (by_itself) return StreamEnd::kReplaced;
  // The statuses that an accepted stream can end with.
  if (status == Status::kDone) return StreamEnd::kDone;
  if (status == Status::kIdle) return StreamEnd::kIdle;
  if (status == Status::kBadLine) return StreamEnd::kBadLine;
  if (status == Status::kEvicted) return StreamEnd::kEvicted;
  if (status == Status::kNotOfThisPlot) return StreamEnd::kPlotLost;
  if (status == Status::kRestart) return StreamEnd::kRestart;
  if (status == Status::kRanges) return StreamEnd::kRanges;
  if (status == Status::kDatabaseError) return StreamEnd::kNoRoom;
  return StreamEnd::kMalformed;
}

}  // namespace

UploadSession::UploadSession(TcpConnection& connection, const UploadContext& context)
    : connection_(connection), context_(context), upload_(context.endpoint, connection.id()) {}

UploadSession::~UploadSession() {
  if (finished_ || upload_.streams().empty()) return;
  try {
    upload_.end(Status::kMalformed);
    note_end(StreamEnd::kLost, "the connection was lost");
  } catch (const std::exception& error) {
    log::error("a stream's end failed", {{"error", error.what()}});
  }
}

void UploadSession::start(const RequestHead& head, TimePoint now) {
  const bool arduino = !head.time_zone.empty() || head.user_agent.starts_with("Arduino");
  endpoint::Endpoint::Wish wish{{}, head.polite};
  numbers_ = head.numbering.has_value();
  // An answer that begins before the body ends needs chunks, which HTTP/1.0 does not have. And it
  // makes proxies that are written in Go (Caddy, Traefik) throw away what comes of the body just
  // then. Who gets none asks by HEAD what is kept.
  const bool tells_early = numbers_ && !head.http_1_0 && !head.forwarded;
  polite_ = head.polite;
  if (numbers_) wish.numbering = {head.producer, head.numbering->epoch, head.numbering->first};
  upload_.start({head.token, head.chunked, head.content_length, head.time_zone, arduino, wish}, now,
                wall_now());
  note_new_streams();
  if (head.expects_continue && !upload_.ended()) connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
  if (upload_.position() != nullptr && tells_early) {
    acks_.emplace(connection_, context_.endpoint, upload_, context_.answers.patience());
    acks_->begin(now);
  }
  finish();
}

void UploadSession::note_new_streams() {
  for (const auto& evicted : upload_.take_evicted()) context_.evict(evicted);
  if (noted_streams_ == upload_.streams().size()) return;
  publish_streams();
  prove();
  for (; noted_streams_ < upload_.streams().size(); ++noted_streams_) {
    const auto stream = upload_.streams()[noted_streams_];
    tell(log::Level::kInfo, "stream open", stream,
         {{"stream", context_.endpoint.stream_name(stream)}, {"from", connection_.peer()}});
  }
}

// Once in a while for each stream, and for all together that nobody announced: who opens one after
// the other must not fill the log.
void UploadSession::tell(log::Level level, std::string_view what, endpoint::StreamId stream,
                         std::vector<log::Field> fields) {
  std::string key(what);
  if (level == log::Level::kWarning) key += '!';  // not for want of one that went well
  if (context_.endpoint.knows(stream)) key += ' ' + context_.endpoint.stream_name(stream);
  const auto suppressed = context_.complaints.admit(key, steady_now());
  if (!suppressed) return;
  if (*suppressed > 0) fields.push_back({"suppressed", *suppressed});
  log::write_collected(level, what, fields);
}

// One token that counts is enough.
void UploadSession::prove() {
  const auto streams = std::span(upload_.streams()).subspan(noted_streams_);
  const bool proves = std::ranges::any_of(
      streams, [this](endpoint::StreamId stream) { return context_.endpoint.knows(stream); });
  if (connection_.prove(proves ? Standing::kProved : Standing::kGuest)) return;
  // Of who is known only memory can be short.
  connection_.note_limit(proves ? ConnectionEnd::kMemory : ConnectionEnd::kConnections);
  upload_.end(Status::kDatabaseError);
}

void UploadSession::end(Status status, bool by_itself) {
  if (finished_) return;
  ended_by_itself_ = by_itself;
  upload_.end(status);
  finish();
}

void UploadSession::on_sweep(TimePoint now) {
  upload_.expire(now);
  finish();
  if (acks_) acks_->go_on(now);
}

void UploadSession::on_kept(TimePoint now) {
  if (acks_) acks_->go_on(now);
}

bool UploadSession::end_for_restart() {
  if (finished_ || acks_) return false;
  end(Status::kRestart);
  return true;
}

void UploadSession::abandon() {
  finished_ = true;
  upload_.end(Status::kRestart);
  if (acks_) acks_->end_at_once();
}

void UploadSession::on_bytes(std::string_view bytes, TimePoint now) {
  upload_.take(bytes, now);
  note_new_streams();
  count_lines(now);
  if (!connection_.hold(upload_.held_bytes() + (acks_ ? acks_->held_bytes() : 0))) {
    connection_.note_limit(ConnectionEnd::kMemory);
    upload_.end(Status::kDatabaseError);
  }
  finish();
  if (acks_) acks_->go_on(now);
}

void UploadSession::on_end_of_input(TimePoint) {
  upload_.end_of_input();
  finish();
}

void UploadSession::finish() {
  if (finished_ || !upload_.ended()) return;
  finished_ = true;
  connection_.hold(0);
  const Status status = *upload_.ended();
  if (upload_.streams().empty()) return refuse(status, steady_now());
  // Who is told that all went well can rely on it, whatever happens to this process.
  if (acks_) {
    if (acks_->end(status, steady_now())) context_.answers.hurry();
  } else if (status == Status::kDone) {
    context_.answers.answer(connection_, answer_of(status), steady_now());
  } else {
    connection_.answer(answer_of(status));
  }
  note_end(end_of(status, ended_by_itself_),
           ended_by_itself_ ? "its producer has a newer connection" : text_of(status));
}

void UploadSession::refuse(Status status, TimePoint now) {
  context_.counters.refused.fetch_add(1, std::memory_order_relaxed);
  const bool gave_way = polite_ && status == Status::kEvicted;
  const std::string code = std::to_string(code_of(status)) + (gave_way ? " polite" : "");
  if (const auto suppressed = context_.complaints.admit(code, now)) {
    log::write(gave_way ? log::Level::kInfo : log::Level::kWarning, "stream refused",
               {{"status", code_of(status)},
                {"why", gave_way ? "another connection has this token, and the client is polite"
                                 : why(status)},
                {"from", connection_.peer()},
                {"suppressed", *suppressed}});
  }
  if (!numbers_ && !gave_way) return connection_.answer(answer_of(status));
  connection_.answer(render(refusal(status)));
}

void UploadSession::count_lines(TimePoint now) {
  context_.counters.lines.fetch_add(upload_.lines() - counted_lines_, std::memory_order_relaxed);
  counted_lines_ = upload_.lines();
  context_.counters.skipped_lines.fetch_add(upload_.skipped_lines() - counted_skipped_lines_,
                                            std::memory_order_relaxed);
  counted_skipped_lines_ = upload_.skipped_lines();
  if (upload_.cut_lines() == counted_cut_lines_) return;
  counted_cut_lines_ = upload_.cut_lines();
  const std::string stream = stream_names();
  if (const auto suppressed = context_.complaints.admit("cut " + stream, now)) {
    log::warning(
        "a line had more columns, style or layout than a plot takes; the rest was left out",
        {{"stream", stream}, {"suppressed", *suppressed}});
  }
}

void UploadSession::note_end(StreamEnd end, std::string_view why) {
  context_.counters.closes[static_cast<std::size_t>(end)].fetch_add(1, std::memory_order_relaxed);
  publish_streams();
  const std::string stream = stream_names();
  if (end == StreamEnd::kEvicted) {
    context_.counters.evictions.fetch_add(1, std::memory_order_relaxed);
    return tell(log::Level::kWarning, "stream evicted: a newer connection has its token",
                upload_.streams().front(),
                {{"stream", stream}, {"from", connection_.peer()}, {"lines", upload_.lines()}});
  }
  const bool orderly = end == StreamEnd::kDone || end == StreamEnd::kLost ||
                       end == StreamEnd::kReplaced || end == StreamEnd::kFenced ||
                       end == StreamEnd::kRestart;
  std::vector<log::Field> fields{{"stream", stream},
                                 {"end", name_of(end)},
                                 {"why", why},
                                 {"from", connection_.peer()},
                                 {"lines", upload_.lines()}};
  if (end == StreamEnd::kBadLine) {
    const std::uint64_t line = upload_.lines() + upload_.skipped_lines() + 1;
    fields.push_back({"hint", "line " + std::to_string(line) +
                                  " of this connection is no JSON object, or longer than " +
                                  std::to_string(protocol::kMaxLineBytes >> 20) + " MiB"});
  }
  tell(orderly ? log::Level::kInfo : log::Level::kWarning, "stream closed",
       upload_.streams().front(), std::move(fields));
}

std::string UploadSession::stream_names() const {
  const auto& streams = upload_.streams();
  std::string names = context_.endpoint.stream_name(streams.front());
  if (streams.size() > 1) names += " and " + std::to_string(streams.size() - 1) + " more";
  return names;
}

void UploadSession::publish_streams() {
  const endpoint::StreamTable& streams = context_.endpoint.streams();
  context_.counters.streams_open.store(streams.held(), std::memory_order_relaxed);
  context_.counters.streams_known.store(streams.size(), std::memory_order_relaxed);
}

}  // namespace plotbridge::http
