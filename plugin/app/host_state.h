// What a Sparkplug primary host tells of itself (spBv1.0/STATE/HOST): online with the time that the
// connection's will carries, offline when it ends. Leaves to others: publishing. Pure: time comes
// in. `contradicts` may be called from any thread, the rest belongs to one.
#pragma once

#include "plugin/base/time.h"
#include "plugin/mqtt/session_options.h"

#include <string>
#include <string_view>
#include <utility>

namespace plotbridge::app {

class HostState {
 public:
  explicit HostState(const std::string& host_id) : topic_("spBv1.0/STATE/" + host_id) {}

  const std::string& topic() const { return topic_; }
  /// The will of a connection that is dialled now.
  mqtt::Will will(WallTime now) {
    dialled_at_ = now;
    return {topic_, text(false, now)};
  }
  /// What is true once that connection is subscribed: with the same time, so that nobody takes an
  /// older will for newer.
  std::string online() const { return text(true, dialled_at_); }
  std::string offline(WallTime now) const { return text(false, now); }

  /// Whether somebody, or the will of an earlier connection, says that we are offline.
  bool contradicts(std::string_view topic, std::string_view payload) const {
    return topic == topic_ && payload.find("true") == std::string_view::npos;
  }

 private:
  static std::string text(bool online, WallTime at) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count();
    return std::string("{\"online\":") + (online ? "true" : "false") +
           ",\"timestamp\":" + std::to_string(ms) + '}';
  }

  const std::string topic_;
  WallTime dialled_at_;
};

}  // namespace plotbridge::app
