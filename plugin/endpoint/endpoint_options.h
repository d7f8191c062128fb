// What an endpoint is made from: who may do what, its limits, its streams and plots, and what an
// earlier run had saved. Values; any thread.
#pragma once

#include "plugin/base/time.h"
#include "plugin/endpoint/accounts.h"
#include "plugin/endpoint/saved_state.h"
#include "plugin/endpoint/uptime_clock.h"
#include "plugin/model/protocol.h"
#include "plugin/model/secret.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::endpoint {

struct KnownStream {
  std::string name;
  Secret token;
};

struct TraceOptions {
  std::string stream;  // a name of `streams`; or empty, and then:
  Secret token;
  std::size_t max_points = 500;  // 0 to 10,000
  std::string style_json = "{}";
};

struct PlotOptions {
  std::string name;
  std::string layout_json = "{}";
  std::vector<TraceOptions> traces;
};

struct Options {
  bool open = true;  // takes tokens that nobody announced
  Duration idle_timeout = protocol::kIdleTimeout;
  std::vector<KnownStream> streams;
  std::vector<PlotOptions> plots;
  std::optional<SavedState> saved;  // of an earlier run, may be empty; absent: none is kept
  bool synced = false;              // what is kept outlives a power cut, too
  Accounts accounts{{}, true};
  LocalTime local_time;              // absent: times of clients without a clock stay as they came
  std::size_t max_streams = 10'000;  // announced or not
  std::size_t max_window_bytes = std::size_t{128}
                                 << 20;  // of all plots; beyond, traces get shorter
};

}  // namespace plotbridge::endpoint
