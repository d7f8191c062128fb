// Concern: what is kept on disk is what the configuration says, and what keeps messages with the
// broker is refused where the broker would forget them.
#include "tests/config/loading.h"

#include <gtest/gtest.h>

#include <string>

namespace plotbridge::config {
namespace {

using namespace std::chrono_literals;

Spool spool(const std::string& keys) {
  return good("version: 1\nspool: {" + keys + "}\n", "/x/a").spool.value_or(Spool{});
}

TEST(SpoolReader, knows_the_defaults) {
  const Spool plain = spool("directory: lines");
  EXPECT_EQ(plain.directory, "/x/lines");
  EXPECT_EQ(plain.capacity, std::size_t{256} << 20);
  EXPECT_EQ(plain.max_age, 24h);
  EXPECT_EQ(plain.when_full, WhenSpoolFull::kDropOldest);
  EXPECT_EQ(plain.durability, Durability::kProcess);
}

TEST(SpoolReader, takes_every_key) {
  const Spool full = spool(
      "directory: /var/lib/x, capacity: 1MiB, max_age: 2h, when_full: drop_newest, "
      "durability: power");
  EXPECT_EQ(full.capacity, std::size_t{1} << 20);
  EXPECT_EQ(full.max_age, 2h);
  EXPECT_EQ(full.when_full, WhenSpoolFull::kDropNewest);
  EXPECT_EQ(full.durability, Durability::kPower);
}

TEST(SpoolReader, state_of_the_server_is_as_durable_as_the_spool_if_it_does_not_say) {
  const auto of = [](const std::string& text) {
    return good("version: 1\n" + text, "/x/a").server.value_or(Server{}).durability;
  };
  EXPECT_EQ(of("server: {state: s}\n"), std::nullopt);
  EXPECT_EQ(of("server: {state: s}\nspool: {directory: d, durability: power}\n"),
            Durability::kPower);
  EXPECT_EQ(of("spool: {directory: d, durability: power}\n"), Durability::kPower);
  EXPECT_EQ(of("server: {durability: process}\nspool: {directory: d, durability: power}\n"),
            Durability::kProcess);
  EXPECT_EQ(of("server: {durability: power}\nspool: {directory: d}\n"), Durability::kPower);
}

TEST(SpoolReader, power_without_a_state_of_the_built_in_endpoint_is_warned_of) {
  const auto warned = [](const std::string& text) {
    return lines_of(load_text("version: 1\n" + text, "a").warnings);
  };
  const std::string why =
      "power, but the built-in endpoint keeps lines in memory, which a power cut empties: name a "
      "file in server.state";
  EXPECT_EQ(warned("server: {durability: power}\n"), Lines{"a:2:1: server.durability: " + why});
  EXPECT_EQ(warned("server: {}\nspool: {directory: d, durability: power}\n"),
            Lines{"a:3:1: spool.durability: " + why});
  EXPECT_EQ(warned("server: {state: s}\nspool: {directory: d, durability: power}\n"), Lines{});
}

TEST(SpoolReader, blocking_needs_a_session_that_the_broker_keeps) {
  const std::string spool = "spool: {directory: d, when_full: block}\n";
  const std::string said =
      "block leaves messages with the broker, which forgets them without a session: set "
      "broker.client_id, and broker.session_expiry above 0s";
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtt://b}\n" + spool),
            Lines{"a:3:8: spool.when_full: " + said});
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtt://b, client_id: g, session_expiry: 0s}\n" +
                        spool),
            Lines{"a:3:8: spool.when_full: " + said});
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtt://b, client_id: g}\n" + spool), Lines{});
  EXPECT_EQ(mistakes_in("version: 1\nbroker: {url: mqtt://b}\n"
                        "streams: [{name: s, token: t, queue: {when_full: block}}]\n"),
            Lines{"a:3:10: streams: s: queue.when_full: " + said});
}

}  // namespace
}  // namespace plotbridge::config
