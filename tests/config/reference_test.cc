// Concern: the annotated reference and the page for users say all that the program knows, and what
// they say holds.
#include "plugin/config/schema.h"
#include "plugin/config/server_reader.h"

#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace plotbridge::config {
namespace {

const std::string kReference = PLOTBRIDGE_SOURCE_DIR "/config/plotbridge.yaml";
const std::string kPage = PLOTBRIDGE_SOURCE_DIR "/docs/configuration.md";

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// Whether what follows the # in `line` is an option: at the top, or indented by two or more.
bool is_option(std::string_view line) {
  if (!line.starts_with('#')) return false;
  const std::size_t indent = std::min(line.find_first_not_of(' ', 1), line.size()) - 1;
  line.remove_prefix(1 + indent);
  if (line.starts_with("- ")) line.remove_prefix(2);
  const std::size_t key = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
  return indent != 1 && key > 0 && key < line.size() && line[key] == ':';
}

/// The reference with every option in it taken out of its comment.
std::string reference_with_everything() {
  std::istringstream lines(text_of(kReference));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    text += (is_option(line) ? line.substr(1) : line) + '\n';
  }
  return text;
}

/// Whether `word` stands in `text` with one of `before` and one of `after` around it.
bool stands_in(std::string_view text, std::string_view word, std::string_view before,
               std::string_view after) {
  for (std::size_t at = text.find(word, 1); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (before.find(text[at - 1]) != std::string::npos && end < text.size() &&
        after.find(text[end]) != std::string::npos) {
      return true;
    }
  }
  return false;
}

/// Calls `take` with every key and its path; below keys that are not built only with those keys.
template <class Take>
void each_key(const Block& block, const std::string& path, Take take) {
  for (const Key& key : block.keys) {
    const std::string key_path = path + std::string(key.name);
    take(key, key_path);
    if (key.built && key.block != nullptr) each_key(*key.block, key_path + '.', take);
  }
}

TEST(Reference, loads_as_it_is) { EXPECT_EQ(lines_of(load_file(kReference).mistakes), Lines{}); }

TEST(Reference, says_the_defaults) {
  const test::TempDir folder;
  folder.write("tokens.csv", "name,token\nmore,moretoken\n");
  folder.write("ca.pem", "ca");
  folder.write("client.pem", "certificate");
  ::chmod(folder.write("client.key", "key").c_str(), 0600);
  folder.write("endpoint-ca.pem", "ca");
  folder.write("gateway.pem", "certificate");
  folder.write("server.pem", "certificate");
  ::chmod(folder.write("server.key", "key").c_str(), 0600);
  ::chmod(folder.write("gateway.key", "key").c_str(), 0600);
  std::filesystem::create_directory(folder.path("proto"));
  folder.write("plant.proto",
               "syntax = \"proto3\"; package plant.v1; import \"google/protobuf/timestamp.proto\";"
               "message Telemetry { google.protobuf.Timestamp at = 1; double temperature = 2;"
               " string state = 3; }");
  google::protobuf::FileDescriptorSet set;
  set.add_file()->set_name("empty.proto");
  folder.write("plant.desc", set.SerializeAsString());
  ::setenv("MQTT_PASSWORD", "hunter2", 1);
  std::string text = reference_with_everything();
  const std::string_view plain_broker = "mqtt://127.0.0.1:1883";  // takes no `tls`
  text.replace(text.find(plain_broker), plain_broker.size(), "mqtts://127.0.0.1");
  const Loaded everything = load_text(text, folder.path("a"));
  ASSERT_EQ(lines_of(everything.mistakes), Lines{});
  const Config& said = everything.config;
  const Config plain = load_file(kReference).config;
  ASSERT_TRUE(said.endpoint);
  EXPECT_EQ(said.broker->client_id, "gateway-7");
  EXPECT_EQ(said.broker->mqtt_version, Broker{}.mqtt_version);
  EXPECT_EQ(said.broker->keep_alive, Broker{}.keep_alive);
  EXPECT_EQ(said.broker->session_expiry, Broker{}.session_expiry);
  EXPECT_EQ(said.broker->max_payload, Broker{}.max_payload);
  EXPECT_EQ(said.broker->tls.verify, Tls{}.verify);
  EXPECT_EQ(said.endpoint->type, Endpoint{}.type);
  EXPECT_EQ(said.endpoint->heartbeat, Endpoint{}.heartbeat);
  EXPECT_EQ(said.endpoint->tls.verify, Tls{}.verify);
  EXPECT_EQ(said.endpoint->proxy.url, "http://proxy:3128");
  EXPECT_EQ(said.server->listen, Server{}.listen);
  EXPECT_EQ(said.server->tls->listen, ServerTls{}.listen);
  EXPECT_EQ(said.server->idle_timeout, Server{}.idle_timeout);
  EXPECT_EQ(takes_any_token(*said.server), takes_any_token(*plain.server));
  EXPECT_TRUE(said.admin.explicit_listen);
  EXPECT_EQ(said.admin.listen, Admin{}.listen);
  EXPECT_EQ(said.memory, Config{}.memory);
  EXPECT_EQ(said.log.level, Log{}.level);
  EXPECT_EQ(said.log.format, Log{}.format);
  ASSERT_EQ(said.streams.size(), 3U);
  EXPECT_NE(said.schemas, nullptr);
  EXPECT_EQ(said.streams[0].max_rate, 20);
  EXPECT_EQ(said.streams[0].when_faster, Stream{}.when_faster);
  EXPECT_EQ(said.streams[0].queue_capacity, Stream{}.queue_capacity);
  EXPECT_EQ(said.streams[0].when_full, Stream{}.when_full);
  EXPECT_EQ(said.streams[0].time_format, Stream{}.time_format);
  EXPECT_EQ(said.routes.at(0).qos, Route{}.qos);
  EXPECT_EQ(said.routes[0].use_retained, Route{}.use_retained);
  EXPECT_TRUE(said.routes[0].decode == Route{}.decode);
  EXPECT_EQ(said.routes[0].point.size(), plain.routes.at(0).point.size());
  EXPECT_EQ(said.plots.at(0).layout_json, Plot{}.layout_json);
  EXPECT_EQ(said.plots[0].traces.at(0).max_points, Trace{}.max_points);
}

TEST(Reference, holds_every_key_that_is_built) {
  const std::string text = reference_with_everything();
  each_key(kConfigBlock, "", [&](const Key& key, const std::string& path) {
    EXPECT_TRUE(!key.built || stands_in(text, key.name, "\n {", ":")) << path;
  });
}

TEST(Page, names_every_key_built_or_not_and_every_choice) {
  const std::string text = text_of(kPage);
  each_key(kConfigBlock, "", [&](const Key& key, const std::string& path) {
    EXPECT_TRUE(stands_in(text, key.name, "`.{ ", "`.:")) << path;
    if (!key.built) return;
    for (const Choice& choice : key.choices) {
      EXPECT_TRUE(stands_in(text, choice.name, "`", "`")) << path << ": " << choice.name;
    }
  });
}

}  // namespace
}  // namespace plotbridge::config
