// The configuration as one value, checked: every name it uses exists, every template can be filled.
// Made by yaml_loader; leaves to others: reading files. Pure value; any thread.
#pragma once

#include "plugin/base/log.h"
#include "plugin/base/time.h"
#include "plugin/decode/proto_schemas.h"
#include "plugin/model/capture_template.h"
#include "plugin/model/decode_spec.h"
#include "plugin/model/filter_spec.h"
#include "plugin/model/point_spec.h"
#include "plugin/model/secret.h"
#include "plugin/model/value.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plotbridge::config {

using namespace std::chrono_literals;

/// Where a server listens. `host` is an address or a name; port 0 takes a free one.
struct Listen {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const Listen&) const = default;
};

/// Files of one TLS client, absolute paths; empty: not given.
struct Tls {
  std::string ca;
  std::string certificate;
  std::string key;
  bool verify = true;
};

struct Broker {
  std::string url;        // mqtt, mqtts, ws or wss
  int mqtt_version = 5;   // 5 or 311 for 3.1.1
  std::string client_id;  // empty: random, clean start
  std::string username;
  Secret password;
  Duration keep_alive = 30s;
  Duration session_expiry = 1h;
  std::size_t max_payload = std::size_t{1} << 20;
  Tls tls;

  /// Whether the broker is to keep what comes while we are away.
  bool keeps_session() const { return !client_id.empty() && session_expiry > Duration::zero(); }
};

enum class EndpointType { kChartStudio, kPlotbridge };

/// What to do about another client of the same token.
enum class Contest { kShare, kYield, kInsist };

/// A proxy that is asked to CONNECT. An empty `url`: none.
struct Proxy {
  std::string url;  // http, without credentials
  std::string username;
  Secret password;
};

/// Where plots are made, and as whom.
struct Rest {
  std::string url;  // http or https
  std::string username;
  Secret key;
};

/// Who takes the streams.
struct Endpoint {
  std::string url;  // http or https
  EndpointType type = EndpointType::kChartStudio;
  Duration heartbeat = 20s;
  Contest contest = Contest::kShare;
  Duration checkpoint = 0s;  // 0: never
  std::optional<Rest> rest;
  Proxy proxy;
  Tls tls;
};

/// The encrypted port of a server. Absolute paths.
struct ServerTls {
  Listen listen{"127.0.0.1", 8443};
  std::string certificate;
  std::string key;
};

/// What lines on disk outlive: the process alone, or a power cut, too.
enum class Durability { kProcess, kPower };

/// The built-in endpoint and its page.
struct Server {
  Listen listen{"127.0.0.1", 8088};
  std::optional<ServerTls> tls;  // absent: only the plain port
  Duration idle_timeout = 60s;
  std::optional<bool> open;  // absent: as the addresses have it, see takes_any_token
  bool allow_plaintext = false;
  std::vector<std::pair<std::string, Secret>> users;  // names and keys
  std::string state;                     // a file's absolute path; empty: plots live in memory
  std::optional<Durability> durability;  // of `state`; absent: that of the spool, or `process`
  std::vector<std::string> embed;        // origins that may show the page in a frame
};

struct Admin {
  Listen listen{"127.0.0.1", 9464};
  /// False: nobody asked for this address, so an occupied port is only a warning.
  bool explicit_listen = false;
};

/// What happens when the spool is full.
enum class WhenSpoolFull { kDropOldest, kDropNewest, kBlock };
/// Lines, Sparkplug births and refused lines on disk.
struct Spool {
  std::string directory;                          // absolute
  std::size_t capacity = std::size_t{256} << 20;  // bytes, of lines
  Duration max_age = 24h;
  WhenSpoolFull when_full = WhenSpoolFull::kDropOldest;
  Durability durability = Durability::kProcess;
};

struct Log {
  log::Level level = log::Level::kInfo;
  log::Format format = log::Format::kText;
};

/// What happens to lines that come faster than `max_rate`.
enum class WhenFaster { kLatest, kMean, kMinMax, kQueue };
/// What happens to a line that finds the queue full.
enum class WhenFull { kDropOldest, kDropNewest, kBlock };
/// What becomes of lines that waited while the endpoint was away.
enum class Backlog { kInOrder, kLiveFirst, kDrop };

struct Stream {
  std::string name;
  Secret token;
  std::optional<double> max_rate;  // lines a second; nothing: unlimited
  WhenFaster when_faster = WhenFaster::kLatest;
  std::size_t queue_capacity = 10000;  // lines
  WhenFull when_full = WhenFull::kDropOldest;
  Backlog backlog = Backlog::kInOrder;
  TimeFormat time_format = TimeFormat::kPlotly;
};

struct Route {
  /// As written, with {captures}; at least one, all with the same captures.
  std::vector<std::string> topics;
  int qos = 1;
  bool use_retained = false;
  DecodeSpec decode;
  PointSpec point;
  std::optional<WhenSpec> when;          // absent: every point
  std::optional<DeadbandSpec> deadband;  // absent: every point
  /// Every one gets the point.
  std::vector<CaptureTemplate> streams;
};

struct Trace {
  std::string stream;  // a name of `streams`; empty when `token` is given
  Secret token;        // of a Plotly trace's own {stream: {token, maxpoints}}
  std::size_t max_points = 500;
  std::string style_json;  // every other key of the trace, as one JSON object
};

struct Plot {
  std::string name;
  std::string layout_json = "{}";
  std::vector<Trace> traces;
};

struct Config {
  std::optional<Broker> broker;      // absent: nothing to subscribe to (serve)
  std::optional<Endpoint> endpoint;  // absent: the built-in one
  std::optional<Server> server;      // absent: no built-in endpoint (then `endpoint` is there)
  Admin admin;
  std::size_t memory = std::size_t{32} << 20;        // bytes, all queues together
  std::size_t state_memory = std::size_t{16} << 20;  // bytes, all names that publishers choose
  std::optional<Spool> spool;                        // absent: nothing is kept on disk
  Log log;
  std::shared_ptr<const decode::ProtoSchemas> schemas;  // null: there are none
  std::vector<Stream> streams;
  std::vector<Route> routes;
  std::vector<Plot> plots;
};

}  // namespace plotbridge::config
