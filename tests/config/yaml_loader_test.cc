// Concern: a good configuration becomes exactly what it says, with the defaults it does not say.
#include "plugin/config/yaml_loader.h"

#include "plugin/config/server_reader.h"
#include "plugin/config/summary.h"

#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace plotbridge::config {
namespace {

TEST(Config, of_nothing_but_a_version_is_the_built_in_endpoint) {
  const Config config = good("version: 1\n");
  EXPECT_FALSE(config.broker);
  EXPECT_FALSE(config.endpoint);
  ASSERT_TRUE(config.server);
  EXPECT_EQ(config.server->listen, (Listen{"127.0.0.1", 8088}));
  EXPECT_EQ(config.server->idle_timeout, 60s);
  EXPECT_TRUE(takes_any_token(*config.server));
  EXPECT_EQ(config.admin.listen, (Listen{"127.0.0.1", 9464}));
  EXPECT_FALSE(config.admin.explicit_listen);
  EXPECT_EQ(config.memory, std::size_t{32} << 20);
  EXPECT_EQ(config.log.level, log::Level::kInfo);
  EXPECT_EQ(config.log.format, log::Format::kText);
}

TEST(Config, may_be_written_as_json) {
  const Config config = good(R"({"version": 1, "server": {"listen": "127.0.0.1:0"}})");
  EXPECT_EQ(config.server->listen.port, 0);
}

TEST(Config, with_an_endpoint_starts_no_server_unless_told_to) {
  EXPECT_FALSE(good("version: 1\nendpoint: {url: https://h}\n").server);
  EXPECT_TRUE(good("version: 1\nendpoint: {url: https://h}\nserver: {}\n").server);
}

TEST(Config, is_open_on_loopback_and_closed_elsewhere) {
  const auto open = [](const std::string& keys) {
    return takes_any_token(*good("version: 1\nserver: {" + keys + "}\n").server);
  };
  EXPECT_TRUE(open("listen: \"[::1]:80\""));
  EXPECT_FALSE(open("listen: 0.0.0.0:80"));
  EXPECT_TRUE(open("listen: 0.0.0.0:80, open: true"));
  EXPECT_FALSE(open("open: false"));
  const test::TempDir folder;
  const std::string files =
      "cert: " + folder.write("c.pem", "c") + ", key: " + folder.write("k.pem", "k");
  EXPECT_TRUE(open("tls: {" + files + "}"));
  EXPECT_FALSE(open("tls: {listen: 0.0.0.0:8443, " + files + "}"));
}

TEST(Config, closes_when_another_address_takes_the_place_of_its_own) {
  Server server = *good("version: 1\nserver: {idle_timeout: 60s}\n").server;
  EXPECT_TRUE(takes_any_token(server));
  server.listen.host = "gateway.plant.example";
  EXPECT_FALSE(takes_any_token(server));
  server.open = true;
  EXPECT_TRUE(takes_any_token(server));
}

TEST(Config, has_users_with_keys) {
  const auto users = good("version: 1\nserver: {users: {plant: apikey}}\n").server->users;
  ASSERT_EQ(users.size(), 1U);
  EXPECT_EQ(users[0].first, "plant");
  EXPECT_TRUE(users[0].second.equals("apikey"));
}

TEST(Config, knows_whether_the_admins_address_was_asked_for) {
  const Config config = good("version: 1\nadmin: {listen: 127.0.0.1:9000}\n");
  EXPECT_TRUE(config.admin.explicit_listen);
  EXPECT_EQ(config.admin.listen.port, 9000);
}

TEST(Broker, has_the_defaults_of_the_design) {
  const Broker broker = good("version: 1\nbroker: {url: mqtt://h}\n").broker.value();
  EXPECT_EQ(broker.url, "mqtt://h");
  EXPECT_EQ(broker.mqtt_version, 5);
  EXPECT_EQ(broker.client_id, "");
  EXPECT_EQ(broker.keep_alive, 30s);
  EXPECT_EQ(broker.session_expiry, 1h);
  EXPECT_EQ(broker.max_payload, std::size_t{1} << 20);
  EXPECT_TRUE(broker.tls.verify);
}

TEST(Broker, takes_every_key) {
  const test::TempDir folder;
  folder.write("ca.pem", "ca");
  folder.write("c.pem", "c");
  ::chmod(folder.write("k.pem", "k").c_str(), 0600);
  const Broker broker =
      good(
          "version: 1\nbroker:\n  url: MQTTS://broker:8883/\n  mqtt_version: 3.1.1\n"
          "  client_id: gateway-7\n  username: edge\n  password: 007\n  keep_alive: 5s\n"
          "  session_expiry: 0s\n  max_payload: 64KiB\n"
          "  tls: {ca: ca.pem, cert: c.pem, key: k.pem, verify: false}\n",
          folder.path("a.yaml"))
          .broker.value();
  EXPECT_EQ(broker.url, "mqtts://broker:8883");
  EXPECT_EQ(broker.mqtt_version, 311);
  EXPECT_EQ(broker.client_id, "gateway-7");
  EXPECT_EQ(broker.username, "edge");
  EXPECT_TRUE(broker.password.equals("007"));
  EXPECT_EQ(broker.keep_alive, 5s);
  EXPECT_EQ(broker.session_expiry, 0s);
  EXPECT_EQ(broker.max_payload, 65536U);
  EXPECT_EQ(broker.tls.ca, folder.path("ca.pem"));
  EXPECT_EQ(broker.tls.certificate, folder.path("c.pem"));
  EXPECT_EQ(broker.tls.key, folder.path("k.pem"));
  EXPECT_FALSE(broker.tls.verify);
}

TEST(Broker, whose_tls_files_are_not_there_is_told) {
  const test::TempDir folder;
  const std::string text = "version: 1\nbroker:\n  url: wss://h\n  tls: {ca: ca.pem}\n";
  EXPECT_EQ(lines_of(load_text(text, folder.path("a")).mistakes),
            Lines{folder.path("a") + ":4:13: broker.tls.ca: cannot read " + folder.path("ca.pem") +
                  ": No such file or directory"});
}

TEST(Broker, whose_tls_key_is_everybodys_is_told) {
  const test::TempDir folder;
  folder.write("c.pem", "c");
  const std::string key = folder.write("k.pem", "k");
  ::chmod(key.c_str(), 0644);
  EXPECT_EQ(
      lines_of(load_text("version: 1\nbroker: {url: mqtts://h, tls: {cert: c.pem, key: k.pem}}\n",
                         folder.path("a"))
                   .mistakes),
      Lines{folder.path("a") + ":2:50: broker.tls.key: " + key +
            " is a secret that every user of this machine may read: chmod 600 " + key});
}

TEST(Endpoint, is_chart_studio_and_paced_unless_it_is_said_to_be_ours) {
  const std::string streams =
      "streams: [{name: s, token: t}, {name: f, token: u, max_rate: 30/m}]\n";
  const Config studio = good("version: 1\nendpoint: {url: https://h}\n" + streams);
  EXPECT_EQ(studio.endpoint->type, EndpointType::kChartStudio);
  EXPECT_EQ(studio.endpoint->heartbeat, 20s);
  EXPECT_EQ(studio.streams[0].max_rate, 20);
  EXPECT_EQ(studio.streams[1].max_rate, 0.5);
  const Config ours = good(
      "version: 1\nendpoint: {url: https://h/, type: plotbridge, heartbeat: 5s, contest: share}\n" +
      streams);
  EXPECT_EQ(ours.endpoint->url, "https://h");
  EXPECT_EQ(ours.endpoint->type, EndpointType::kPlotbridge);
  EXPECT_EQ(ours.endpoint->heartbeat, 5s);
  EXPECT_EQ(ours.streams[0].max_rate, std::nullopt);
  EXPECT_EQ(good("version: 1\n" + streams).streams[0].max_rate, std::nullopt);
}

TEST(Endpoint, without_tls_is_on_this_machine_or_allowed) {
  EXPECT_EQ(good("version: 1\nendpoint: {url: http://127.0.0.1:8088}\n").endpoint->url,
            "http://127.0.0.1:8088");
  EXPECT_EQ(good("version: 1\nendpoint: {url: http://h, allow_plaintext: true}\n").endpoint->url,
            "http://h");
}

TEST(Stream, has_the_defaults_of_the_design_and_takes_every_key) {
  const Config config = good(
      "version: 1\nstreams:\n  - {name: a, token: 1234567890}\n"
      "  - {name: b, token: t, max_rate: 100/s, when_faster: queue, time_format: unix_ms,\n"
      "     backlog: live_first, queue: {capacity: 5, when_full: drop_newest}}\n");
  const Stream& a = config.streams.at(0);
  EXPECT_TRUE(a.token.equals("1234567890"));
  EXPECT_EQ(a.when_faster, WhenFaster::kLatest);
  EXPECT_EQ(a.queue_capacity, 10'000U);
  EXPECT_EQ(a.when_full, WhenFull::kDropOldest);
  EXPECT_EQ(a.time_format, TimeFormat::kPlotly);
  const Stream& b = config.streams.at(1);
  EXPECT_EQ(b.max_rate, 100);
  EXPECT_EQ(b.when_faster, WhenFaster::kQueue);
  EXPECT_EQ(b.queue_capacity, 5U);
  EXPECT_EQ(b.when_full, WhenFull::kDropNewest);
  EXPECT_EQ(a.backlog, Backlog::kInOrder);
  EXPECT_EQ(b.backlog, Backlog::kLiveFirst);
  EXPECT_EQ(b.time_format, TimeFormat::kUnixMs);
}

TEST(Route, has_the_defaults_of_the_design_and_takes_every_key) {
  const Config config = good(
      "version: 1\nbroker: {url: mqtt://h}\nstreams: [{name: s, token: t}]\nroutes:\n"
      "  - {topic: a/#, stream: s}\n"
      "  - topic: [\"{x}/a/{y}\", \"b/{y}/{x}\"]\n    qos: 2\n    retained: use\n"
      "    decode: {type: text}\n    stream: [s, \"{x}.{y}\"]\n");
  const Route& plain = config.routes.at(0);
  EXPECT_EQ(plain.topics, std::vector<std::string>{"a/#"});
  EXPECT_EQ(plain.qos, 1);
  EXPECT_FALSE(plain.use_retained);
  EXPECT_EQ(plain.decode.type, DecodeType::kNumber);
  const Route& full = config.routes.at(1);
  EXPECT_EQ(full.topics.size(), 2U);
  EXPECT_EQ(full.qos, 2);
  EXPECT_TRUE(full.use_retained);
  EXPECT_EQ(full.decode.type, DecodeType::kText);
  ASSERT_EQ(full.streams.size(), 2U);
  EXPECT_FALSE(full.streams[0].has_captures());
  EXPECT_TRUE(full.streams[1].has_captures());
}

TEST(Plot, passes_layout_and_style_to_plotly_digit_for_digit) {
  const Config config = good(
      "version: 1\nstreams: [{name: s, token: t}]\nplots:\n"
      "  - name: p\n    layout: {title: {text: Boiler}, xaxis: {range: [0.10, 1e3]}}\n    traces:\n"
      "      - {stream: s, max_points: 0, type: scatter, name: 5, line: {width: 2.50}, visible: "
      "yes}\n"
      "      - {stream: {token: t0ken, maxpoints: 100}}\n"
      "      - stream: s\n");
  const Plot& plot = config.plots.at(0);
  EXPECT_EQ(plot.name, "p");
  EXPECT_EQ(plot.layout_json, R"({"title":{"text":"Boiler"},"xaxis":{"range":[0.10,1e3]}})");
  EXPECT_EQ(plot.traces.at(0).stream, "s");
  EXPECT_EQ(plot.traces[0].max_points, 0U);
  EXPECT_EQ(plot.traces[0].style_json,
            R"({"type":"scatter","name":5,"line":{"width":2.50},"visible":"yes"})");
  EXPECT_EQ(plot.traces.at(1).stream, "");
  EXPECT_TRUE(plot.traces[1].token.equals("t0ken"));
  EXPECT_EQ(plot.traces[1].max_points, 100U);
  EXPECT_EQ(plot.traces.at(2).max_points, 500U);
  EXPECT_EQ(plot.traces[2].style_json, "{}");
}

TEST(Plot, has_an_empty_layout_when_nothing_is_said) {
  EXPECT_EQ(good("version: 1\nplots: [{name: p, traces: []}]\n").plots.at(0).layout_json, "{}");
}

TEST(Config, that_repeats_itself_by_alias_is_read) {
  const Config config = good(
      "version: 1\nstreams:\n  - {name: a, token: t, queue: &q {capacity: 7}}\n"
      "  - {name: b, token: u, queue: *q}\n");
  EXPECT_EQ(config.streams.at(1).queue_capacity, 7U);
}

TEST(Config, is_read_from_a_file_and_paths_start_there) {
  const test::TempDir folder;
  ::chmod(folder.write("key", "t0ken\n").c_str(), 0600);
  const std::string path =
      folder.write("a.yaml", "version: 1\nstreams: [{name: s, token: {file: key}}]\n");
  const Loaded loaded = load_file(path);
  EXPECT_EQ(lines_of(loaded.mistakes), Lines{});
  EXPECT_TRUE(loaded.config.streams.at(0).token.equals("t0ken"));
}

TEST(Config, that_cannot_be_read_is_one_mistake) {
  const test::TempDir folder;
  EXPECT_EQ(lines_of(load_file(folder.path("gone")).mistakes),
            Lines{folder.path("gone") + ":1:1: cannot read " + folder.path("gone") +
                  ": No such file or directory"});
  EXPECT_EQ(lines_of(load_file("/").mistakes), Lines{"/:1:1: cannot read /: it is a directory"});
}

TEST(Summary, says_what_there_is_and_nothing_secret) {
  const Config config = good(
      "version: 1\nbroker: {url: mqtts://h, username: edge, password: hunter2}\n"
      "endpoint: {url: https://e}\nserver: {listen: \"[::1]:80\"}\n"
      "streams: [{name: s, token: t0ken}, {name: u, token: t1ken}]\nroutes: [{topic: a, stream: "
      "s}]\n");
  EXPECT_EQ(summary(config),
            "broker mqtts://h, endpoint https://e (chart_studio), built-in endpoint on [::1]:80, "
            "2 streams, 1 route, 0 plots");
}

}  // namespace
}  // namespace plotbridge::config
