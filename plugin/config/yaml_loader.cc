#include "plugin/config/yaml_loader.h"

#include "plugin/config/address.h"
#include "plugin/config/broker_reader.h"
#include "plugin/config/endpoint_reader.h"
#include "plugin/config/file.h"
#include "plugin/config/map_reader.h"
#include "plugin/config/plot_reader.h"
#include "plugin/config/route_reader.h"
#include "plugin/config/schema.h"
#include "plugin/config/schemas_reader.h"
#include "plugin/config/server_reader.h"
#include "plugin/config/spool_reader.h"
#include "plugin/config/stream_reader.h"
#include "plugin/config/stream_table.h"
#include "plugin/config/summary.h"
#include "plugin/config/yaml_parser.h"
#include "plugin/model/protocol.h"

#include <filesystem>
#include <utility>

namespace plotbridge::config {
namespace {

constexpr std::size_t kLeastMemory = std::size_t{64} << 10;
constexpr std::size_t kLeastStateMemory = std::size_t{1} << 20;
constexpr std::size_t kMostMemory = std::size_t{1} << 40;

constexpr std::string_view kOpenAdmin =
    "asks nobody for a key, so that every machine that reaches this address reads the names, "
    "states "
    "and counts of all streams: listen on 127.0.0.1, or let a reverse proxy there ask who comes";

void read_version(const MapReader& map) {
  map.require("version", "say version: 1");
  std::string version;
  if (map.text("version", version) && version != "1") {
    map.wrong("version", "this plotbridge reads version 1, found " + shown(version));
  }
}

Log read_log(const MapReader& map) {
  using Level = log::Level;
  Log result;
  map.choice("level",
             {{"trace", Level::kTrace},
              {"debug", Level::kDebug},
              {"info", Level::kInfo},
              {"warning", Level::kWarning},
              {"error", Level::kError}},
             result.level);
  map.choice("format", {{"text", log::Format::kText}, {"json", log::Format::kJson}}, result.format);
  return result;
}

/// Who takes the streams: `endpoint`, `server`, or the built-in one because nothing was said.
void read_endpoints(const MapReader& root, const std::string& folder, Config& config) {
  if (const auto endpoint = root.map("endpoint")) {
    config.endpoint = read_endpoint(*endpoint, folder);
  }
  if (const auto server = root.map("server")) {
    config.server = read_server(*server, folder);
  } else if (!config.endpoint) {
    config.server = Server{};
  }
}

bool listens_at(const Server& server, const Listen& address) {
  return server.listen == address || (server.tls && server.tls->listen == address);
}

void read_admin(const MapReader& root, Config& config) {
  if (const auto admin = root.map("admin")) {
    config.admin.explicit_listen = read_listen(*admin, config.admin.listen);
    if (!is_loopback(config.admin.listen.host)) {
      root.mistakes().warn(admin->find("listen")->mark, "admin.listen", kOpenAdmin);
    }
  }
  if (config.server && listens_at(*config.server, config.admin.listen) &&
      config.admin.listen.port != 0) {
    const char* block = root.has("admin") ? "admin" : "server";
    root.mistakes().add(root.find(block)->mark, root.path_of(block) + ".listen",
                        to_text(config.admin.listen) +
                            " is the address of both `server` and `admin`: give one another port");
  }
}

void check_routes_have_ends(const MapReader& root, const Config& config, const StreamTable& table) {
  if (config.routes.empty()) return;
  const auto missing = [&](std::string_view what, std::string_view block) {
    if (!root.has(block)) {
      root.mistakes().add(root.key_mark("routes"), "routes", what);
    }
  };
  missing("there is no `broker` to take messages from: add broker: {url: mqtt://HOST:1883}",
          "broker");
  missing("there is no stream to write to: add `streams`", "streams");
  if (root.has("streams") && table.empty()) {
    root.mistakes().add(root.key_mark("streams"), "streams", "is empty, and `routes` need streams");
  }
}

/// The state is to outlive what the spool does; without one nothing does that the endpoint has.
void read_durability(const MapReader& root, Config& config) {
  if (!config.server) return;
  const bool said = config.server->durability == Durability::kPower;
  const bool by_spool = config.spool && config.spool->durability == Durability::kPower;
  if (config.spool && !config.server->durability) {
    config.server->durability = config.spool->durability;
  }
  if (!config.server->state.empty() || (!said && (!by_spool || config.endpoint))) return;
  const char* const block = said ? "server" : "spool";
  root.mistakes().warn(root.key_mark(block), std::string(block) + ".durability",
                       "power, but the built-in endpoint keeps lines in memory, which a power cut "
                       "empties: name a file in server.state");
}

Config read_config(const Node& document, const std::string& folder, Mistakes& mistakes) {
  Config config;
  const MapReader root(document, "", kConfigBlock, mistakes);
  read_version(root);
  if (const auto broker = root.map("broker")) config.broker = read_broker(*broker, folder);
  read_endpoints(root, folder, config);
  read_admin(root, config);
  root.size("memory", kLeastMemory, kMostMemory, config.memory);
  root.size("state_memory", kLeastStateMemory, kMostMemory, config.state_memory);
  if (const auto spool = root.map("spool")) config.spool = read_spool(*spool, folder);
  read_durability(root, config);
  if (const auto log = root.map("log")) config.log = read_log(*log);

  const bool paced = config.endpoint && config.endpoint->type == EndpointType::kChartStudio;
  const auto most_rate = paced ? std::optional(protocol::kChartStudioLinesPerSecond) : std::nullopt;
  config.schemas = read_schemas(root, folder);
  StreamTable table;
  read_streams(root, folder, most_rate, table);
  config.routes = read_routes(root, config.schemas.get(), table);
  config.plots = read_plots(root, folder, table);
  check_routes_have_ends(root, config, table);
  table.check(mistakes);
  config.streams = table.take();
  check_blocking(root, config);
  return config;
}

/// `flaw`: what is wrong with the file's rights when secrets are in it.
Loaded load(std::string_view text, const std::string& path, const std::string& flaw) {
  Mistakes mistakes(path);
  const auto document = parse_yaml(text);
  if (!document) {
    mistakes.add(document.error().mark, "", document.error().message);
    return {{}, mistakes.take(), {}};
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Config config = read_config(*document, folder, mistakes);
  if (const auto& secret = mistakes.literal_secret(); secret && !flaw.empty()) {
    mistakes.warn(secret->mark, secret->path, flaw);
  }
  return {std::move(config), mistakes.take(), mistakes.take_warnings()};
}

}  // namespace

Loaded load_file(const std::string& path) {
  const auto text = read_file(path, kMaxConfigBytes, FileKind::kOrdinary);
  if (text) return load(*text, path, flaw_in_rights_of(path));
  Mistakes mistakes(path);
  mistakes.add({}, "", text.error().message);
  return {{}, mistakes.take(), {}};
}

Loaded load_text(std::string_view text, const std::string& path) { return load(text, path, {}); }

}  // namespace plotbridge::config
