#include "plugin/config/schema.h"

namespace plotbridge::config {
namespace {

constexpr bool kBuilt = true;

constexpr Key choice(std::string_view name, std::span<const Choice> choices, bool built = kBuilt) {
  return {name, built, choices, nullptr};
}
constexpr Key block(std::string_view name, const Block& block, bool built = kBuilt) {
  return {name, built, {}, &block};
}

// {file: P} | {env: N} | {credential: N}
constexpr Key kSecretKeys[] = {{"file"}, {"env"}, {"credential"}};
constexpr Block kSecret{kSecretKeys};

constexpr Choice kMqttVersions[] = {{"5"}, {"3.1.1"}};
constexpr Key kClientTlsKeys[] = {{"ca"}, {"cert"}, {"key"}, {"verify"}};
constexpr Block kClientTls{kClientTlsKeys};
constexpr Key kBrokerKeys[] = {
    {"url"},
    choice("mqtt_version", kMqttVersions),
    {"client_id"},
    {"username"},
    block("password", kSecret),
    {"keep_alive"},
    {"session_expiry"},
    {"max_payload"},
    {"allow_plaintext"},
    block("tls", kClientTls),
};
constexpr Block kBroker{kBrokerKeys};

constexpr Choice kEndpointTypes[] = {{"chart_studio"}, {"plotbridge"}};
constexpr Choice kContests[] = {{"share"}, {"yield"}, {"insist"}};
constexpr Key kRestKeys[] = {{"url"}, {"username"}, block("key", kSecret)};
constexpr Block kRest{kRestKeys};
constexpr Key kEndpointKeys[] = {
    {"url"},
    choice("type", kEndpointTypes),
    {"heartbeat"},
    choice("contest", kContests),
    {"checkpoint"},
    block("rest", kRest),
    {"allow_plaintext"},
    {"proxy"},
    block("tls", kClientTls),
};
constexpr Block kEndpoint{kEndpointKeys};

constexpr Key kServerTlsKeys[] = {{"listen"}, {"cert"}, {"key"}};
constexpr Block kServerTls{kServerTlsKeys};
constexpr Block kUsers{.keys = {}, .open = true, .own = &kSecret};
constexpr Choice kDurabilities[] = {{"process"}, {"power"}};
constexpr Key kServerKeys[] = {
    {"listen"},
    block("tls", kServerTls),
    {"idle_timeout"},
    {"open"},
    block("users", kUsers),
    {"state"},
    choice("durability", kDurabilities),
    {"embed"},
    {"allow_plaintext"},
};
constexpr Block kServer{kServerKeys};

constexpr Key kAdminKeys[] = {{"listen"}};
constexpr Block kAdmin{kAdminKeys};

constexpr Choice kSpoolWhenFull[] = {{"drop_oldest"}, {"drop_newest"}, {"block"}};
constexpr Key kSpoolKeys[] = {{"directory"},
                              {"capacity"},
                              {"max_age"},
                              choice("when_full", kSpoolWhenFull),
                              choice("durability", kDurabilities)};
constexpr Block kSpool{kSpoolKeys};

constexpr Choice kLogLevels[] = {{"trace"}, {"debug"}, {"info"}, {"warning"}, {"error"}};
constexpr Choice kLogFormats[] = {{"text"}, {"json"}};
constexpr Key kLogKeys[] = {choice("level", kLogLevels), choice("format", kLogFormats)};
constexpr Block kLog{kLogKeys};

constexpr Key kSchemaKeys[] = {{"proto"}, {"import_paths"}, {"descriptor_set"}};
constexpr Block kSchema{kSchemaKeys};

constexpr Choice kWhenFaster[] = {{"latest"}, {"mean"}, {"min_max"}, {"queue"}};
constexpr Choice kBacklogs[] = {{"in_order"}, {"live_first"}, {"drop"}};
constexpr Choice kQueueWhenFull[] = {{"drop_oldest"}, {"drop_newest"}, {"block"}};
constexpr Choice kTimeFormats[] = {{"plotly"}, {"iso8601"}, {"unix_ms"}};
constexpr Key kQueueKeys[] = {{"capacity"}, choice("when_full", kQueueWhenFull)};
constexpr Block kQueue{kQueueKeys};
constexpr Key kStreamKeys[] = {
    {"name"},
    block("token", kSecret),
    {"from_file"},
    {"max_rate"},
    choice("when_faster", kWhenFaster),
    choice("backlog", kBacklogs),
    block("queue", kQueue),
    choice("time_format", kTimeFormats),
};
constexpr Block kStream{kStreamKeys};

constexpr Choice kRetained[] = {{"skip"}, {"use"}};
constexpr Choice kDecodeTypes[] = {{"number"}, {"text"},     {"json"},     {"csv"},
                                   {"binary"}, {"protobuf"}, {"sparkplug"}};
constexpr Choice kEndians[] = {{"little"}, {"big"}};
constexpr Choice kHosts[] = {{"passive"}, {"active"}, {"primary"}};
constexpr Choice kCompressions[] = {{"none"}, {"gzip"}, {"zlib"}, {"zstd"}, {"auto"}};
constexpr Key kBinaryFieldKeys[] = {{"name"}, {"type"}, {"at"}, {"scale"}, {"offset"}};
constexpr Block kBinaryField{kBinaryFieldKeys};
constexpr Choice kTimes[] = {{"unix_ms"}, {"unix_s"}, {"unix_us"}, {"unix_ns"}, {"iso8601"}};
constexpr Key kTimestampKeys[] = {{"field"}, choice("unit", kTimes)};
constexpr Block kTimestamp{kTimestampKeys};
constexpr Key kDecodeKeys[] = {
    choice("type", kDecodeTypes),
    {"columns"},                    // csv
    {"delimiter"},                  // csv
    {"header"},                     // csv
    choice("endian", kEndians),     // binary
    block("fields", kBinaryField),  // binary
    {"message"},                    // protobuf
    {"delimited"},                  // protobuf
    {"metrics"},                    // sparkplug
    choice("host", kHosts),         // sparkplug
    {"host_id"},                    // sparkplug
    choice("compression", kCompressions),
    block("timestamp", kTimestamp),
    {"each"},
    {"max_points"},
};
constexpr Block kDecode{kDecodeKeys};

constexpr Block kFreeMap{.keys = {}, .open = true};
constexpr Key kPointValueKeys[] = {
    {"constant"}, {"field"},
    {"scale"},    {"offset"},
    {"round"},    choice("time", kTimes),
    {"default"},  block("map", kFreeMap),
};
constexpr Block kPointValue{kPointValueKeys};
constexpr Block kPoint{.keys = {}, .open = true, .own = &kPointValue};

constexpr Key kWhenKeys[] = {{"field"}, {"equals"}, {"above"}, {"below"}, {"in"}};
constexpr Block kWhen{kWhenKeys};
constexpr Key kDeadbandKeys[] = {{"absolute"}, {"max_silence"}};
constexpr Block kDeadband{kDeadbandKeys};
constexpr Key kRouteKeys[] = {
    {"topic"},
    {"qos"},
    choice("retained", kRetained),
    block("decode", kDecode),
    block("point", kPoint),
    {"stream"},
    block("when", kWhen),
    block("deadband", kDeadband),
};
constexpr Block kRoute{kRouteKeys};

constexpr Key kTraceStreamKeys[] = {block("token", kSecret), {"maxpoints"}};
constexpr Block kTraceStream{kTraceStreamKeys};
constexpr Key kTraceKeys[] = {block("stream", kTraceStream), {"max_points"}};
constexpr Block kTrace{.keys = kTraceKeys, .open = true};
constexpr Key kPlotKeys[] = {{"name"}, block("layout", kFreeMap), block("traces", kTrace)};
constexpr Block kPlot{kPlotKeys};

constexpr Key kConfigKeys[] = {
    {"version"},
    block("broker", kBroker),
    block("endpoint", kEndpoint),
    block("server", kServer),
    block("admin", kAdmin),
    {"memory"},
    {"state_memory"},
    block("spool", kSpool),
    block("log", kLog),
    block("schemas", kSchema),
    block("streams", kStream),
    block("routes", kRoute),
    block("plots", kPlot),
};

}  // namespace

constinit const Block kConfigBlock{kConfigKeys};

const Key* Block::find(std::string_view name) const {
  for (const Key& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

namespace {

template <class T>
std::vector<std::string_view> names_of(std::span<const T> things, Which which) {
  std::vector<std::string_view> result;
  for (const T& thing : things) {
    if (which == Which::kAll || thing.built) result.push_back(thing.name);
  }
  return result;
}

}  // namespace

std::vector<std::string_view> names(std::span<const Key> keys, Which which) {
  return names_of(keys, which);
}

std::vector<std::string_view> names(std::span<const Choice> choices, Which which) {
  return names_of(choices, which);
}

}  // namespace plotbridge::config
