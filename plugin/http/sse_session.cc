#include "plugin/http/sse_session.h"

#include "plugin/http/http_message.h"
#include "plugin/http/page_headers.h"

#include <charconv>
#include <chrono>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStatusPeriod = 1s;
// A window that found no room was made for nothing.
constexpr Duration kNoRoomPause = 2s;

std::optional<std::uint64_t> sequence_of(std::string_view event_id, std::string_view era) {
  if (!event_id.starts_with(era)) return std::nullopt;
  event_id.remove_prefix(era.size());
  std::uint64_t sequence = 0;
  const auto [end, error] =
      std::from_chars(event_id.data(), event_id.data() + event_id.size(), sequence);
  if (error != std::errc() || end != event_id.data() + event_id.size()) return std::nullopt;
  return sequence;
}

}  // namespace

SseSession::SseSession(TcpConnection& connection, endpoint::Endpoint& endpoint,
                       endpoint::Plot& plot, std::string era, std::string_view last_event_id)
    : connection_(connection),
      endpoint_(endpoint),
      plot_(plot.shared_from_this()),
      era_(std::move(era)),
      cursor_(sequence_of(last_event_id, era_)) {}

void SseSession::start() {
  std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
  head += kHeadersOfAll;
  for (const auto& [name, value] : page_headers("no-store")) head += name + ": " + value + "\r\n";
  connection_.write(head + "\r\nretry: 1000\n\n");
}

void SseSession::tick(TimePoint now, bool has_turn) {
  if (connection_.writing() || told_of_end_) return;
  if (plot_->ended()) {
    told_of_end_ = true;
    return connection_.write("event: gone\ndata: {}\n\n");
  }
  plot_->cut_frame();
  const bool goes_on = cursor_ && plot_->feed().can_resume(*cursor_);
  if (goes_on || has_turn || may_make_window(now)) send_news(now, goes_on);
}

void SseSession::on_turn(TimePoint now) {
  waits_for_turn_ = false;
  tick(now, true);
}

bool SseSession::may_make_window(TimePoint now) {
  if (waits_for_turn_ || now < next_window_) return false;
  if (connection_.standing() != Standing::kUnproved) return true;
  waits_for_turn_ = true;
  connection_.wait_for_turn();
  return false;
}

void SseSession::send_news(TimePoint now, bool goes_on) {
  const auto before = cursor_;
  std::string out;
  const endpoint::Feed& feed = plot_->feed();
  if (goes_on) {
    feed.read(*cursor_, [&](std::uint64_t sequence, std::string_view frame) {
      append_event("points", sequence, frame, out);
    });
  } else {
    append_event("window", feed.sequence(), plot_->window(), out);
  }
  cursor_ = feed.sequence();
  if (now >= next_status_) {
    next_status_ = now + kStatusPeriod;
    append_event("status", *cursor_, endpoint_.status_json(*plot_, now), out);
  }
  const bool lacks_room = !out.empty() && !connection_.try_write(out);
  // Another tick finds what is new then.
  if (lacks_room) {
    cursor_ = before;
    next_status_ = now;
    if (!goes_on) next_window_ = now + kNoRoomPause;
  }
  if (lacks_room && !lacks_room_) connection_.note_limit(ConnectionEnd::kMemory);
  lacks_room_ = lacks_room;
}

// A tick must not close: it goes over all that watch.
void SseSession::on_sweep(TimePoint) {
  if (told_of_end_ && !connection_.writing()) connection_.close();
}

void SseSession::append_event(std::string_view name, std::uint64_t sequence, std::string_view data,
                              std::string& out) const {
  out += "id: " + era_ + std::to_string(sequence) + "\nevent: ";
  out += name;
  out += "\ndata: ";
  out += data;
  out += "\n\n";
}

}  // namespace plotbridge::http
