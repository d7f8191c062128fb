// All parts of `run` and their threads: opened and started in one order, stopped in the reverse.
// Not responsible for: signals (main_loop), the endpoint alone (daemon). Main thread.
#pragma once

#include "plugin/app/birth_keeper.h"
#include "plugin/app/broker_link.h"
#include "plugin/app/liveness.h"
#include "plugin/app/main_loop.h"
#include "plugin/app/pipeline.h"
#include "plugin/app/plot_restorer.h"
#include "plugin/app/quarantine_writer.h"
#include "plugin/app/servers.h"
#include "plugin/app/streamer.h"
#include "plugin/app/worker.h"
#include "plugin/base/rate_limit.h"
#include "plugin/base/result.h"
#include "plugin/config/config.h"
#include "plugin/disk/segment_store.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::app {

class Bridge {
 public:
  /// Both outlive it; `config` has a broker.
  Bridge(const config::Config& config, MainLoop& main_loop);

  /// Binds the ports and opens the spool.
  Result<void> open();
  void start();
  /// What is due now; the time of the next call.
  TimePoint turn(TimePoint now);
  /// Tries again what stands by or is parked.
  void retry();
  /// Takes nothing more, sends what waits, ends every stream.
  void stop();

 private:
  void make_streamer(const std::string& endpoint_url);
  void make_pipeline();
  void load_births();
  void take(const Message& message);
  Admin::Sources sources();
  TimePoint do_housekeeping(TimePoint now);
  TimePoint look_for_room(TimePoint now);
  TimePoint look_after(TimePoint now);
  void report_rebirth(const std::string& topic, TimePoint now);

  const config::Config& config_;
  MainLoop& main_loop_;
  Servers servers_;
  std::optional<Worker> housekeeping_;  // all that waits for a disk now and then
  std::optional<QuarantineWriter> quarantine_;
  std::unique_ptr<disk::SegmentStore> spool_;  // null: there is none
  std::optional<PlotRestorer> plots_;  // ends before the streamer that it retries, see `stop`
  std::optional<Streamer> streamer_;
  std::optional<Pipeline> pipeline_;
  std::optional<BrokerLink> broker_;
  std::optional<BirthKeeper> births_;
  Liveness stream_loop_liveness_;
  TimePoint next_expiry_;  // of the housekeeping's thread
  TimePoint next_look_ = kNever;
  RateLimit rebirth_log_;
};

}  // namespace plotbridge::app
