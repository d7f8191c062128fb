#include "plugin/http/upload_session.h"

#include "plugin/base/log.h"
#include "plugin/http/http_message.h"

#include <chrono>
#include <string>

namespace plotbridge::http {
namespace {

using endpoint::Status;

std::string answer_of(Status status) { return render_text(code_of(status), text_of(status)); }

TimePoint clock_now() { return std::chrono::steady_clock::now(); }

// What an operator is told of a refusal.
std::string_view why(Status status) {
  if (status == Status::kEvicted) {
    return "another client has this token, and two that take it from each other get nothing "
           "through: give each a token of its own";
  }
  return text_of(status);
}

StreamEnd end_of(Status status) {
  // The statuses that an accepted stream can end with.
  if (status == Status::kDone) return StreamEnd::kDone;
  if (status == Status::kIdle) return StreamEnd::kIdle;
  if (status == Status::kBadLine) return StreamEnd::kBadLine;
  if (status == Status::kEvicted) return StreamEnd::kEvicted;
  return StreamEnd::kMalformed;
}

}  // namespace

UploadSession::UploadSession(TcpConnection& connection, const UploadContext& context)
    : connection_(connection), context_(context), upload_(context.endpoint, connection.id()) {}

UploadSession::~UploadSession() {
  if (finished_ || upload_.streams().empty()) return;
  upload_.end(Status::kMalformed);
  note_end(StreamEnd::kLost, "the connection was lost");
}

void UploadSession::start(const RequestHead& head, TimePoint now) {
  const bool arduino = !head.time_zone.empty() || head.user_agent.starts_with("Arduino");
  upload_.start({head.token, head.chunked, head.content_length, head.time_zone, arduino}, now,
                std::chrono::system_clock::now());
  note_new_streams();
  if (head.expects_continue && !upload_.ended()) connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
  finish();
}

void UploadSession::note_new_streams() {
  for (const ConnectionId evicted : upload_.take_evicted()) context_.evict(evicted);
  if (noted_streams_ == upload_.streams().size()) return;
  publish_streams();
  for (; noted_streams_ < upload_.streams().size(); ++noted_streams_) {
    const auto stream = upload_.streams()[noted_streams_];
    log::info("stream open",
              {{"stream", context_.endpoint.stream_name(stream)}, {"from", connection_.peer()}});
  }
}

void UploadSession::end(Status status) {
  upload_.end(status);
  finish();
}

void UploadSession::on_sweep(TimePoint now) {
  upload_.expire(now);
  finish();
}

void UploadSession::abandon() {
  finished_ = true;
  upload_.end(Status::kMalformed);
}

void UploadSession::on_bytes(std::string_view bytes, TimePoint now) {
  upload_.take(bytes, now);
  note_new_streams();
  count_lines(now);
  finish();
}

void UploadSession::on_end_of_input(TimePoint) {
  upload_.end_of_input();
  finish();
}

void UploadSession::finish() {
  if (finished_ || !upload_.ended()) return;
  finished_ = true;
  const Status status = *upload_.ended();
  if (upload_.streams().empty()) return refuse(status, clock_now());
  // Who is told that all went well can rely on it, whatever happens to this process.
  if (status == Status::kDone) {
    context_.answer_when_kept(connection_, answer_of(status));
  } else {
    connection_.answer(answer_of(status));
  }
  note_end(end_of(status), text_of(status));
}

void UploadSession::refuse(Status status, TimePoint now) {
  context_.counters.refused.fetch_add(1, std::memory_order_relaxed);
  const std::string code = std::to_string(code_of(status));
  if (const auto held_back = context_.complaints.admit(code, now)) {
    log::warning("stream refused", {{"status", code_of(status)},
                                    {"why", why(status)},
                                    {"from", connection_.peer()},
                                    {"held_back", *held_back}});
  }
  connection_.answer(answer_of(status));
}

void UploadSession::count_lines(TimePoint now) {
  context_.counters.lines.fetch_add(upload_.lines() - counted_lines_, std::memory_order_relaxed);
  counted_lines_ = upload_.lines();
  if (upload_.cut_lines() == counted_cut_lines_) return;
  counted_cut_lines_ = upload_.cut_lines();
  const std::string stream = stream_names();
  if (const auto held_back = context_.complaints.admit("cut " + stream, now)) {
    log::warning(
        "a line had more columns, style or layout than a plot takes; the rest was left out",
        {{"stream", stream}, {"held_back", *held_back}});
  }
}

void UploadSession::note_end(StreamEnd end, std::string_view why) {
  context_.counters.closes[static_cast<std::size_t>(end)].fetch_add(1, std::memory_order_relaxed);
  publish_streams();
  const std::string stream = stream_names();
  if (end == StreamEnd::kEvicted) {
    context_.counters.evictions.fetch_add(1, std::memory_order_relaxed);
    log::warning("stream evicted: a newer connection has its token",
                 {{"stream", stream}, {"from", connection_.peer()}, {"lines", upload_.lines()}});
    return;
  }
  const bool orderly = end == StreamEnd::kDone || end == StreamEnd::kLost;
  log::write(orderly ? log::Level::kInfo : log::Level::kWarning, "stream closed",
             {{"stream", stream},
              {"end", name_of(end)},
              {"why", why},
              {"from", connection_.peer()},
              {"lines", upload_.lines()}});
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
