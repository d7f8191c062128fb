#include "plugin/config/server_reader.h"

#include "plugin/config/address.h"
#include "plugin/config/file.h"
#include "plugin/config/secret.h"
#include "plugin/config/summary.h"
#include "plugin/config/tls_reader.h"

#include <chrono>
#include <string>
#include <utility>

namespace plotbridge::config {
namespace {

void check_listens(const MapReader& tls, const Server& server) {
  if (server.tls->listen == server.listen && server.listen.port != 0) {
    tls.wrong("listen", to_text(server.listen) + " is the address of the plain port: give another");
  }
}

}  // namespace

bool is_on_loopback(const Server& server) {
  return is_loopback(server.listen.host) && (!server.tls || is_loopback(server.tls->listen.host));
}

Server read_server(const MapReader& map, const std::string& folder) {
  Server server;
  read_listen(map, server.listen);
  if (const auto tls = map.map("tls")) {
    server.tls = read_server_tls(*tls, folder);
    read_listen(*tls, server.tls->listen);
    check_listens(*tls, server);
  }
  map.duration("idle_timeout", 1s, 24h, server.idle_timeout);
  server.open = is_on_loopback(server);
  map.boolean("open", server.open);
  if (map.text("state", server.state)) server.state = resolve(folder, server.state);
  Durability durability{};
  if (map.choice("durability", {{"process", Durability::kProcess}, {"power", Durability::kPower}},
                 durability)) {
    server.durability = durability;
  }
  if (const auto users = map.map("users")) {
    users->each_own([&](const Node::Key& name, const Node& key, const std::string& path) {
      auto secret = read_secret(key, path, folder, users->mistakes());
      if (secret) server.users.emplace_back(name.name, *std::move(secret));
    });
  }
  return server;
}

bool read_listen(const MapReader& map, Listen& out) {
  std::string text;
  if (!map.text("listen", text)) return false;
  auto listen = parse_listen(text);
  if (!listen) {
    map.wrong("listen", listen.error().message + ", found " + shown(text));
    return false;
  }
  out = *std::move(listen);
  return true;
}

}  // namespace plotbridge::config
