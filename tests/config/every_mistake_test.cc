// Concern: every mistake is told at once, at its place, in words that say what to do, and no secret
// is repeated.
#include "tests/config/loading.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace plotbridge::config {
namespace {

TEST(EveryMistake, of_a_whole_configuration_is_told_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(
      mistakes_in(R"(verison: 1
broker:
  url: tcp://edge:hunter2@broker
  mqtt_version: 4
  client_id: ""
  password: [hunter2]
  keep_alive: 30
  session_expiry: 2h
  max_payload: 1GiB
  tls: {key: k.pem, veryfy: true}
endpoint:
  url: http://stream.example.com/x
  type: chart-studio
  heartbeat: 60s
  contest: insists
  checkpoint: 100ms
  rest: {url: https://plotly.example.com}
  allow_plaintext: no
server: [listen]
admin: {listen: 9464}
memory: 32
spool: {directory: /var/lib/plotbridge, capacity: 1kB}
log: {level: warn, format: xml}
schemas: [{proto: /none.proto, descriptor_set: x}, {}]
streams:
  - name: boiler
    token: hunter2
    max_rate: fast
    when_faster: newest
    backlog: none
    queue: {capacity: 0, when_full: blocks}
    time_format: unix
  - name: boiler
    token: hunter2
    name: tank
  - token: hunter 2
  - {}
  - tank
routes:
  - topik: plant/#
    stream: boilr
  - topic: plant/#/x
    qos: 3
    retained: keep
    decode: {type: cvs, columns: [a]}
    point: {y: $valeu}
    stream: "{line"
    when: {field: kind}
  - topic: ["a/{x}", "b/{y}", "a/{x}"]
    decode: json
    stream: "{x}"
  - topic: a/{line}
    stream: [boiler, boiler, "{lime}", {line}]
plots:
  - layout: []
    traces:
      - {max_points: 10001}
      - {stream: bioler, line: {a: 1, a: 2}, maxpoints: 5}
      - {stream: {token: {evn: hunter2}, maxpoints: -1}, max_points: 5}
      - {stream: [boiler]}
  - {name: p, traces: {}}
  - {name: p}
7: x
)"),
      (Lines{
          "a:1:1: verison: unknown key; did you mean `version`? allowed: version, broker, "
          "endpoint, server, admin, memory, state_memory, spool, log, schemas, streams, routes, "
          "plots",
          "a:3:8: broker.url: a user name or password does not belong in the URL",
          "a:4:17: broker.mqtt_version: unknown value `4`; allowed: 5, 3.1.1",
          "a:5:14: broker.client_id: is empty",
          "a:6:13: broker.password: expected a text, {file: PATH}, {env: NAME} or {credential: "
          "NAME}",
          "a:7:15: broker.keep_alive: expected a duration such as 30s (a number and one of ms, s, "
          "m, h, d), found `30`",
          "a:9:16: broker.max_payload: expected a size from 1B to 16MiB, found `1GiB`",
          "a:10:14: broker.tls.key: a key needs its certificate: `cert`",
          "a:10:21: broker.tls.veryfy: unknown key; did you mean `verify`? allowed: ca, cert, key, "
          "verify",
          "a:12:8: endpoint.url: lines are posted to / : leave out what follows the host and port",
          "a:12:8: endpoint.url: http:// to another machine shows the tokens to everybody on the "
          "way: use https://, or say endpoint.allow_plaintext: true",
          "a:13:9: endpoint.type: unknown value `chart-studio`; did you mean `chart_studio`? "
          "allowed: chart_studio, plotbridge",
          "a:14:14: endpoint.heartbeat: expected a duration from 1s to 55s, found `60s`",
          "a:15:12: endpoint.contest: unknown value `insists`; did you mean `insist`? allowed: "
          "share, "
          "yield, insist",
          "a:16:15: endpoint.checkpoint: each one opens a connection: 1s at least, or 0s for none",
          "a:17:9: endpoint.rest.username: missing: who makes the plots",
          "a:17:9: endpoint.rest.key: missing: the API key of this user",
          "a:18:20: endpoint.allow_plaintext: expected true or false, found `no`",
          "a:19:9: server: expected a map (key: value), found a list",
          "a:20:17: admin.listen: expected HOST:PORT such as 127.0.0.1:8088 or [::1]:8088, found "
          "`9464`",
          "a:21:9: memory: expected a size such as 64MiB (a number and one of B, KiB, MiB, GiB, "
          "kB, MB, GB), found `32`",
          "a:22:51: spool.capacity: expected a size from 256KiB to 4096GiB, found `1kB`",
          "a:23:14: log.level: unknown value `warn`; did you mean `warning`? allowed: trace, "
          "debug, info, warning, error",
          "a:23:28: log.format: unknown value `xml`; allowed: text, json",
          "a:24:48: schemas[0].descriptor_set: makes no sense beside `proto`: make it an entry of "
          "its own",
          "a:24:52: schemas[1]: needs `proto` or `descriptor_set`",
          "a:28:15: streams[0].max_rate: expected a rate such as 20/s (a number above 0 and one of "
          "/s, /m, /h), found `fast`",
          "a:29:18: streams[0].when_faster: unknown value `newest`; allowed: latest, mean, "
          "min_max, queue",
          "a:30:14: streams[0].backlog: unknown value `none`; allowed: in_order, "
          "live_first, drop",
          "a:31:23: streams[0].queue.capacity: expected a whole number from 1 to 10000000, found "
          "`0`",
          "a:31:37: streams[0].queue.when_full: unknown value `blocks`; did you mean `block`? "
          "allowed: drop_oldest, drop_newest, block",
          "a:32:18: streams[0].time_format: unknown value `unix`; did you mean `unix_ms`? allowed: "
          "plotly, iso8601, unix_ms",
          "a:33:11: streams[1].name: a stream named `boiler` is already at a:26:11",
          "a:34:12: streams[1].token: the same token as that of `boiler` at a:27:12: two streams "
          "would evict each other",
          "a:35:5: streams[1].name: this key is there twice: remove one",
          "a:36:5: streams[2].name: missing: how logs, metrics and routes call this stream",
          "a:36:12: streams[2].token: a token is 1 to 1000 visible ASCII characters without spaces",
          "a:37:5: streams[3].name: missing: how logs, metrics and routes call this stream",
          "a:37:5: streams[3].token: missing: every stream needs one",
          "a:38:5: streams[4]: expected a map (key: value), found a text",
          "a:40:5: routes[0].topik: unknown key; did you mean `topic`? allowed: topic, qos, "
          "retained, decode, point, stream, when, deadband",
          "a:42:12: routes[1].topic: topic filter \"plant/#/x\": # must be the last level; use + "
          "for one level (character 7)",
          "a:43:10: routes[1].qos: expected a whole number from 0 to 2, found `3`",
          "a:44:15: routes[1].retained: unknown value `keep`; allowed: skip, use",
          "a:45:20: routes[1].decode.type: unknown value `cvs`; did you mean `csv`? allowed: "
          "number, text, json, csv, binary, protobuf, sparkplug",
          "a:46:16: routes[1].point.y: unknown `$valeu`; did you mean `$value`? allowed: "
          "$received, $value, $topic, $timestamp, $metric",
          "a:47:13: routes[1].stream: template \"{line\": a { without its }",
          "a:48:11: routes[1].when: needs one of equals, in, above, below",
          "a:49:22: routes[2].topic[1]: captures {y}, an earlier topic of this route {x}: all must "
          "capture the same",
          "a:49:31: routes[2].topic[2]: `a/{x}` is there twice: remove one",
          "a:50:13: routes[2].decode: expected a map (key: value), found a text",
          "a:53:22: routes[3].stream[1]: `boiler` is there twice: remove one",
          "a:53:30: routes[3].stream[2]: the topic captures no `{lime}`; did you mean `line`? "
          "allowed: line",
          "a:53:40: routes[3].stream[3]: expected a text, found a map: a text that starts with { "
          "is quoted",
          "a:55:5: plots[0].name: missing: what the page calls this plot",
          "a:55:13: plots[0].layout: expected a map (key: value), found a list",
          "a:57:9: plots[0].traces[0].stream: missing: the name of one of `streams`, or Plotly's "
          "own {token: ..., maxpoints: ...}",
          "a:57:22: plots[0].traces[0].max_points: expected a whole number from 0 to 10000, found "
          "`10001`",
          "a:58:39: plots[0].traces[1].line.a: this key is there twice: remove one",
          "a:58:46: plots[0].traces[1].maxpoints: unknown key; did you mean `max_points`?",
          "a:59:26: plots[0].traces[2].stream.token: expected a text, {file: PATH}, {env: NAME} or "
          "{credential: NAME}; did you mean `env`?",
          "a:59:53: plots[0].traces[2].stream.maxpoints: expected a whole number from 0 to 10000, "
          "found `-1`",
          "a:59:58: plots[0].traces[2].max_points: `stream.maxpoints` says it already: remove one",
          "a:60:18: plots[0].traces[3].stream: expected a text, found a list",
          "a:61:23: plots[1].traces: expected a list (- key: value), found a map",
          "a:62:5: plots[2].traces: missing: what it draws (- stream: NAME)",
          "a:62:12: plots[2].name: a plot named `p` is already there",
          "a:63:1: 7: unknown key; allowed: version, broker, endpoint, server, admin, memory, "
          "state_memory, spool, log, schemas, streams, routes, plots",
      }));
}

TEST(EveryMistake, repeats_no_secret) {
  const Lines lines = mistakes_in(
      "version: 1\nbroker: {url: mqtt://u:hunter2@h, password: [hunter2]}\n"
      "streams:\n  - {name: a, token: hunter2}\n  - {name: b, token: hunter2}\n"
      "  - {name: c, token: hunter2 x}\n  - {name: d, token: {hunter2}}\n"
      "plots: [{name: p, traces: [{stream: {token: hunter2 x}}]}]\n");
  EXPECT_EQ(lines.size(), 6U);
  for (const std::string& line : lines) EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
}

TEST(EveryMistake, with_a_name_is_told_when_no_stream_has_it) {
  EXPECT_EQ(
      mistakes_in("version: 1\nbroker: {url: mqtt://h}\nstreams: [{name: boiler, token: t}]\n"
                  "routes:\n  - {topic: a, stream: [biler, boiler]}\n  - {topic: b, stream: x}\n"
                  "plots: [{name: p, traces: [{stream: Boiler}]}]\n"),
      (Lines{"a:5:25: routes[0].stream[0]: no stream is named `biler`; did you mean `boiler`?",
             "a:6:24: routes[1].stream: no stream is named `x`",
             "a:7:37: plots[0].traces[0].stream: no stream is named `Boiler`; did you mean "
             "`boiler`?"}));
}

TEST(EveryMistake, of_a_misspelled_key_is_one_mistake) {
  EXPECT_EQ(
      mistakes_in("version: 1\nstreams: [{nmae: a, token: t}]\n"),
      Lines{"a:2:12: streams[0].nmae: unknown key; did you mean `name`? allowed: name, token, "
            "from_file, max_rate, when_faster, backlog, queue, time_format"});
}

TEST(EveryMistake, tells_routes_that_lead_from_or_to_nowhere) {
  EXPECT_EQ(mistakes_in("version: 1\nroutes: [{topic: a, stream: \"{b}\"}]\n"),
            (Lines{"a:2:1: routes: there is no `broker` to take messages from: add broker: {url: "
                   "mqtt://HOST:1883}",
                   "a:2:1: routes: there is no stream to write to: add `streams`",
                   "a:2:29: routes[0].stream: the topic captures no `{b}`; a topic captures like "
                   "plant/{line}/temperature"}));
  EXPECT_EQ(
      mistakes_in("version: 1\nbroker: {}\nstreams: []\nroutes: [{topic: a, stream: \"x\"}]\n"),
      (Lines{"a:2:9: broker.url: missing: which broker, for example mqtt://127.0.0.1:1883",
             "a:3:1: streams: is empty, and `routes` need streams",
             "a:4:29: routes[0].stream: no stream is named `x`"}));
}

TEST(EveryMistake, tells_keys_that_need_another_one) {
  EXPECT_EQ(
      mistakes_in("version: 1\nbroker: {url: mqtt://h, session_expiry: 1h}\n"),
      Lines{"a:2:41: broker.session_expiry: a session can be kept only with a `client_id`: add "
            "one, or say 0s"});
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtts://h, mqtt_version: 3.1.1, password: p}\n"),
            Lines{"a:2:57: broker.password: MQTT 3.1.1 takes a password only with a `username`"});
  EXPECT_EQ(
      mistakes_in("version: 1\nendpoint: {type: plotbridge}\n"),
      Lines{"a:2:11: endpoint.url: missing: where to; without the whole block it is the built-in "
            "endpoint"});
  EXPECT_EQ(
      mistakes_in("version: 1\nstreams: [{name: a}]\nplots: [{name: p, traces: [{stream: {}}]}]\n"),
      (Lines{"a:2:11: streams[0].token: missing: every stream needs one",
             "a:3:37: plots[0].traces[0].stream.token: missing: Plotly's own `stream` needs one"}));
}

TEST(EveryMistake, tells_urls_that_cannot_be_used) {
  EXPECT_EQ(
      mistakes_in("version: 1\nbroker: {url: tcp://h:1883}\nendpoint: {url: htps://h}\n"),
      (Lines{"a:2:15: broker.url: unknown scheme `tcp`; allowed: mqtt, mqtts, ws, wss",
             "a:3:17: endpoint.url: unknown scheme `htps`; did you mean `https`? allowed: https, "
             "http"}));
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtt://h/x}\nendpoint: {url: h}\n"),
            (Lines{"a:2:15: broker.url: an mqtt:// URL has no path: only ws and wss do",
                   "a:3:17: endpoint.url: expected SCHEME://HOST[:PORT]"}));
}

TEST(EveryMistake, tells_rates_that_chart_studio_does_not_take) {
  const std::string streams = "streams: [{name: a, token: t, max_rate: 21/s}]\n";
  EXPECT_EQ(mistakes_in("version: 1\nendpoint: {url: https://h}\n" + streams),
            Lines{"a:3:41: streams[0].max_rate: chart_studio takes at most 20/s of a stream, found "
                  "`21/s`"});
  EXPECT_EQ(mistakes_in("version: 1\nendpoint: {url: https://h, type: plotbridge}\n" + streams),
            Lines{});
}

TEST(EveryMistake, tells_what_a_tls_port_lacks) {
  const test::TempDir folder;
  EXPECT_EQ(mistakes_in("version: 1\nserver: {tls: {listen: 127.0.0.1:8088}}\n"),
            (Lines{"a:2:15: server.tls.cert: missing: the file, in PEM, of the certificate that "
                   "clients are shown",
                   "a:2:15: server.tls.key: missing: the file, in PEM, of its key",
                   "a:2:24: server.tls.listen: 127.0.0.1:8088 is the address of the plain port: "
                   "give another"}));
  const std::string key = folder.write("k.pem", "k");
  ::chmod(key.c_str(), 0644);
  EXPECT_EQ(
      mistakes_in("version: 1\nserver: {tls: {cert: " + key + ", key: " + key + "}}\n").size(), 1U);
}

TEST(EveryMistake, tells_a_key_that_everybody_on_the_way_could_read) {
  EXPECT_EQ(mistakes_in("version: 1\nendpoint:\n  url: https://s\n"
                        "  rest: {url: http://plotly.example.com, username: u, key: k}\n"),
            Lines{"a:4:15: endpoint.rest.url: http:// to another machine shows key and tokens to "
                  "everybody on the way: use https://, or say endpoint.allow_plaintext: true"});
}

TEST(EveryMistake, tells_one_address_for_two_servers) {
  EXPECT_EQ(
      mistakes_in("version: 1\nadmin: {listen: 127.0.0.1:8088}\n"),
      Lines{"a:2:8: admin.listen: 127.0.0.1:8088 is the address of both `server` and `admin`: "
            "give one another port"});
}

TEST(EveryMistake, tells_another_version_and_another_document) {
  EXPECT_EQ(mistakes_in("version: 2\n"),
            Lines{"a:1:10: version: this plotbridge reads version 1, found `2`"});
  EXPECT_EQ(mistakes_in("- version: 1\n"),
            Lines{"a:1:1: expected a map (key: value), found a list"});
  EXPECT_EQ(mistakes_in("broker:\nversion:\n"),
            (Lines{"a:1:1: broker: expected a map (key: value), found nothing",
                   "a:2:1: version: expected a text, found nothing"}));
}

TEST(EveryMistake, tells_names_that_cannot_be_used) {
  EXPECT_EQ(
      mistakes_in("version: 1\nstreams:\n  - {name: \"a\\tb\", token: t}\n"
                  "  - {name: \"{a}\", token: u}\n"),
      (Lines{"a:3:12: streams[0].name: a stream's name holds no control characters",
             "a:4:12: streams[1].name: a stream's name holds no { or }: a route could not name "
             "it"}));
}

TEST(EveryMistake, past_a_thousand_is_only_counted) {
  std::string text = "version: 1\n";
  for (int i = 0; i < 1500; ++i) text += "k" + std::to_string(i) + ": 1\n";
  const Lines lines = mistakes_in(text);
  ASSERT_EQ(lines.size(), 1001U);
  EXPECT_EQ(lines.back(), "a:1001:1: and 500 more mistakes after these");
}

}  // namespace
}  // namespace plotbridge::config
