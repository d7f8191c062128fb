#include "plugin/config/spool_reader.h"

#include "plugin/config/file.h"

#include <algorithm>

namespace plotbridge::config {
namespace {

// Room for some of the largest lines, in pieces that can be freed one by one.
constexpr std::size_t kLeastCapacity = std::size_t{256} << 10;
constexpr std::size_t kMostCapacity = std::size_t{1} << 42;
constexpr Duration kLeastAge = 1min;
constexpr Duration kMostAge = 24h * 3650;

}  // namespace

Spool read_spool(const MapReader& map, const std::string& folder) {
  Spool spool;
  map.require("directory", "where the files are kept");
  if (map.text("directory", spool.directory)) spool.directory = resolve(folder, spool.directory);
  map.size("capacity", kLeastCapacity, kMostCapacity, spool.capacity);
  map.duration("max_age", kLeastAge, kMostAge, spool.max_age);
  map.choice("when_full",
             {{"drop_oldest", WhenSpoolFull::kDropOldest},
              {"drop_newest", WhenSpoolFull::kDropNewest},
              {"block", WhenSpoolFull::kBlock}},
             spool.when_full);
  map.choice("durability", {{"process", Durability::kProcess}, {"power", Durability::kPower}},
             spool.durability);
  return spool;
}

void check_blocking(const MapReader& root, const Config& config) {
  if (!config.broker || config.broker->keeps_session()) return;
  const auto tell = [&](std::string_view block, const std::string& path) {
    root.mistakes().add(root.find(block)->mark, path,
                        "block leaves messages with the broker, which forgets them without a "
                        "session: set broker.client_id, and broker.session_expiry above 0s");
  };
  if (config.spool && config.spool->when_full == WhenSpoolFull::kBlock) {
    tell("spool", "spool.when_full");
  }
  const auto blocks = [](const Stream& stream) { return stream.when_full == WhenFull::kBlock; };
  const auto stream = std::ranges::find_if(config.streams, blocks);
  if (stream != config.streams.end()) {
    tell("streams", "streams: " + stream->name + ": queue.when_full");
  }
}

}  // namespace plotbridge::config
