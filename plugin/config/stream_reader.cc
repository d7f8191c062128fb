#include "plugin/config/stream_reader.h"

#include "plugin/config/file.h"
#include "plugin/config/secret.h"
#include "plugin/config/stream_list.h"

#include <utility>

namespace plotbridge::config {
namespace {

constexpr std::int64_t kMaxQueueLines = 10'000'000;

void read_queue(const MapReader& queue, Stream& stream) {
  std::int64_t capacity = 0;
  if (queue.integer("capacity", 1, kMaxQueueLines, capacity)) {
    stream.queue_capacity = static_cast<std::size_t>(capacity);
  }
  queue.choice("when_full",
               {{"drop_oldest", WhenFull::kDropOldest},
                {"drop_newest", WhenFull::kDropNewest},
                {"block", WhenFull::kBlock}},
               stream.when_full);
}

/// What may stand beside `from_file`, too.
Stream read_shared(const MapReader& map, std::optional<double> most_rate) {
  Stream stream;
  stream.max_rate = most_rate;
  std::string rate;
  if (map.text("max_rate", rate)) {
    if (auto lines = parse_max_rate(rate, most_rate)) {
      stream.max_rate = *lines;
    } else {
      map.wrong("max_rate", lines.error().message + ", found " + shown(rate));
    }
  }
  map.choice("when_faster",
             {{"latest", WhenFaster::kLatest},
              {"mean", WhenFaster::kMean},
              {"min_max", WhenFaster::kMinMax},
              {"queue", WhenFaster::kQueue}},
             stream.when_faster);
  map.choice("backlog",
             {{"in_order", Backlog::kInOrder},
              {"live_first", Backlog::kLiveFirst},
              {"drop", Backlog::kDrop}},
             stream.backlog);
  map.choice("time_format",
             {{"plotly", TimeFormat::kPlotly},
              {"iso8601", TimeFormat::kIso8601},
              {"unix_ms", TimeFormat::kUnixMs}},
             stream.time_format);
  if (const auto queue = map.map("queue")) read_queue(*queue, stream);
  return stream;
}

/// Leaves the name empty when it was missing or wrong, which is told; the same for the token.
void read_own(const MapReader& map, const std::string& folder, Stream& stream) {
  map.require("name", "how logs, metrics and routes call this stream");
  map.require("token", "every stream needs one");
  if (map.text("name", stream.name)) {
    if (const auto flaw = flaw_in_stream_name(stream.name); !flaw.empty()) {
      map.wrong("name", flaw);
      stream.name.clear();
    }
  }
  const Node* token = map.find("token");
  if (token == nullptr) return;
  auto secret = read_secret(*token, map.path_of("token"), folder, map.mistakes());
  if (!secret) return;
  if (is_usable_token(*secret)) {
    stream.token = *std::move(secret);
  } else {
    map.wrong("token", kTokenRule);
  }
}

void read_from_file(const MapReader& map, const std::string& folder, const Stream& shared,
                    std::optional<double> most_rate, StreamTable& table) {
  for (const std::string_view key : {"name", "token"}) {
    if (map.has(key)) {
      map.mistakes().add(map.key_mark(key), map.path_of(key),
                         "stands in the rows of `from_file`: remove it here");
    }
  }
  std::string path;
  if (!map.text("from_file", path)) {
    table.add_nameless();
    return;
  }
  path = resolve(folder, path);
  auto text = read_file(path, kMaxStreamListBytes, FileKind::kSecret);
  if (!text) {
    map.wrong("from_file", text.error().message);
    table.add_nameless();
    return;
  }
  read_stream_list(*text, path, shared, most_rate, table, map.mistakes());
}

void read_stream(const MapReader& map, const std::string& folder, std::optional<double> most_rate,
                 const std::string& file, StreamTable& table) {
  Stream stream = read_shared(map, most_rate);
  if (map.has("from_file")) {
    read_from_file(map, folder, stream, most_rate, table);
    return;
  }
  read_own(map, folder, stream);
  if (stream.name.empty()) {
    table.add_nameless();
    return;
  }
  table.add(std::move(stream), {file, map.path(), map.find("name")->mark,
                                map.has("token") ? map.find("token")->mark : map.mark()});
}

}  // namespace

void read_streams(const MapReader& config, const std::string& folder,
                  std::optional<double> most_rate, StreamTable& table) {
  if (config.has("streams") && !config.find("streams")->is_list()) table.add_nameless();
  for (const MapReader& map : config.maps("streams")) {
    read_stream(map, folder, most_rate, config.mistakes().file(), table);
  }
}

}  // namespace plotbridge::config
