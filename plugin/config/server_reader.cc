#include "plugin/config/server_reader.h"

#include "plugin/config/address.h"
#include "plugin/config/file.h"
#include "plugin/config/secret.h"
#include "plugin/config/summary.h"
#include "plugin/config/tls_reader.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace plotbridge::config {
namespace {

void check_listens(const MapReader& tls, const Server& server) {
  if (server.tls->listen == server.listen && server.listen.port != 0) {
    tls.wrong("listen", to_text(server.listen) + " is the address of the plain port: give another");
  }
}

// Goes into a header as it is, so nothing but an origin may pass.
std::optional<std::string> origin_of(const std::string& text) {
  const auto url = parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https")) return std::nullopt;
  if (!url->path.empty() && url->path != "/") return std::nullopt;
  const bool address = url->host.find(':') != std::string::npos;
  const bool plain = std::ranges::all_of(url->host, [address](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || (address && c == ':');
  });
  if (!plain) return std::nullopt;
  const std::string host = address ? '[' + url->host + ']' : url->host;
  return url->scheme + "://" + host + (url->port ? ':' + std::to_string(*url->port) : "");
}

}  // namespace

bool takes_any_token(const Server& server) { return server.open.value_or(is_on_loopback(server)); }

std::string_view flaw_of_plain_port(const Server& server) {
  if (server.users.empty() || server.allow_plaintext || is_loopback(server.listen.host)) return {};
  return "http:// to other machines shows the keys of `users` and the plots to everybody on the "
         "way: "
         "listen on 127.0.0.1 here and on that address in `tls`, or say "
         "server.allow_plaintext: true";
}

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
  if (bool open = false; map.boolean("open", open)) server.open = open;
  map.boolean("allow_plaintext", server.allow_plaintext);
  if (map.text("state", server.state)) server.state = resolve(folder, server.state);
  Durability durability{};
  if (map.choice("durability", {{"process", Durability::kProcess}, {"power", Durability::kPower}},
                 durability)) {
    server.durability = durability;
  }
  for (const auto& [node, path] : map.texts("embed")) {
    if (auto origin = origin_of(node->text)) {
      server.embed.push_back(*std::move(origin));
    } else {
      map.mistakes().add(
          node->mark, path,
          "expected an origin, as in https://portal.example.com, found " + shown(node->text));
    }
  }
  if (const auto users = map.map("users")) {
    users->each_own([&](const Node::Key& name, const Node& key, const std::string& path) {
      if (name.name.empty() || name.name.find(':') != std::string::npos) {
        users->mistakes().add(name.mark, path,
                              "nobody can log in by this name: it is empty, or has the colon that "
                              "stands between name and key in HTTP");
      }
      auto secret = read_secret(key, path, folder, users->mistakes());
      if (secret) server.users.emplace_back(name.name, *std::move(secret));
    });
  }
  if (const auto flaw = flaw_of_plain_port(server); !flaw.empty()) map.wrong("listen", flaw);
  if (!server.users.empty() && !server.open && takes_any_token(server)) {
    map.mistakes().warn(map.key_mark("users"), map.path_of("users"),
                        "keys are asked for, but streams of any token are taken, as `open` is true "
                        "by default on loopback: set server.open: false, or true if that is meant");
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
