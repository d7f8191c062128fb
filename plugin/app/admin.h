// What /healthz, /readyz, /status and /metrics answer. Leaves to others: HTTP (http/http_server).
// The snapshots come from functions, so that the daemon decides where they are taken. Server loop.
#pragma once

#include "plugin/app/metrics.h"

#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::app {

struct AdminAnswer {
  int status = 200;
  std::string content_type;
  std::string body;
};

class Admin {
 public:
  struct Sources {
    std::function<MetricsInput()> snapshot;
    /// The name of a loop that stands still, or nothing.
    std::function<std::string_view()> stalled_loop;
  };
  explicit Admin(Sources sources) : sources_(std::move(sources)) {}

  /// Who asks. What was published is shown on this machine alone.
  enum class Reader { kOfThisMachine, kOther };
  /// Whether the answer grows with the configuration.
  static bool takes_long(std::string_view path) { return path == "/status" || path == "/metrics"; }
  /// `path` without its query.
  AdminAnswer get(std::string_view path, Reader reader = Reader::kOther) const;

 private:
  AdminAnswer health() const;
  AdminAnswer ready() const;
  AdminAnswer status(Reader reader) const;

  Sources sources_;
};

}  // namespace plotbridge::app
