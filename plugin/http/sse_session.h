// One browser that watches one plot by server-sent events: a window, then what came since, at each
// tick. A slow one is skipped until it has read, and gets a new window if the frames it lacks are
// gone by then. Not responsible for: the ticks (watcher_table). Loop thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/endpoint.h"
#include "plugin/endpoint/part_reader.h"
#include "plugin/http/session.h"
#include "plugin/http/tcp_connection.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::http {

class SseSession : public Session {
 public:
  /// `era` tells the event ids of this process from those of earlier ones. Connection and endpoint
  /// outlive the session.
  SseSession(TcpConnection& connection, endpoint::Endpoint& endpoint, endpoint::Plot& plot,
             std::string era, std::string_view last_event_id);

  /// Sends the response head; events follow at the ticks.
  void start();

  /// Sends what is new, at most ten times a second; who proved nothing waits for a turn before a
  /// whole window.
  void tick(TimePoint now) { tick(now, false); }

  void on_bytes(std::string_view, TimePoint) override {}
  void on_end_of_input(TimePoint) override { connection_.close(); }
  void on_turn(TimePoint now) override;
  void on_sweep(TimePoint now) override;

 private:
  void tick(TimePoint now, bool has_turn);
  /// Asks for a turn where one is needed.
  bool may_make_window(TimePoint now);
  void send_news(TimePoint now, bool goes_on);
  void append_event(std::string_view name, std::uint64_t sequence, std::string_view data,
                    std::string& out) const;

  TcpConnection& connection_;
  endpoint::Endpoint& endpoint_;
  std::shared_ptr<endpoint::Plot> plot_;  // its book may let it go
  std::string era_;
  std::optional<std::uint64_t> cursor_;  // the last frame this browser has
  TimePoint next_status_{};
  bool told_of_end_ = false;
  bool waits_for_turn_ = false;
  bool lacks_room_ = false;
  TimePoint next_window_{};  // without room for the last one
};

}  // namespace plotbridge::http
