// What the configuration says to the streamer. Any thread.
#pragma once

#include "plugin/app/quarantine_writer.h"
#include "plugin/app/streamer.h"
#include "plugin/config/config.h"
#include "plugin/disk/segment_store.h"

#include <optional>
#include <string>

namespace plotbridge::app {

/// `endpoint_url` is the configured one or that of the built-in endpoint. `quarantine`, if there is
/// one, keeps the lines that the endpoint refuses, `store` those that wait (null: memory alone);
/// both outlive the streamer.
Streamer::Options streamer_options(const config::Config& config, const std::string& endpoint_url,
                                   std::optional<QuarantineWriter>& quarantine,
                                   disk::SegmentStore* store);

}  // namespace plotbridge::app
