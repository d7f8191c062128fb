#include "plugin/mqtt/subscriber.h"

#include "plugin/base/log.h"
#include "plugin/mqtt/reason_text.h"

#include <algorithm>
#include <utility>

namespace plotbridge::mqtt {

namespace paho = ::mqtt;

namespace {

// Packets that wait for their answer at a time: enough to fill a long line, few enough for a small
// broker.
constexpr std::size_t kMaxOutstanding = 50;
constexpr std::size_t kMaxFiltersPerPacket = 100;
constexpr int kFirstRefusal = 0x80;

}  // namespace

Subscriber::Subscriber(paho::async_client& client, int mqtt_version,
                       const std::vector<Subscription>& subscriptions, Done done)
    : client_(client),
      version5_(mqtt_version == 5),
      subscriptions_(subscriptions),
      done_(std::move(done)) {
  // An identifier belongs to a packet, and Paho C++ 1.2 loses the options of a packet with several
  // filters (the list is not copied, its length is): MQTT 5 takes one packet for each filter.
  const std::size_t batch = version5_ ? 1 : kMaxFiltersPerPacket;
  for (std::size_t first = 0; first < subscriptions_.size(); first += batch) {
    packets_.push_back({first, std::min(batch, subscriptions_.size() - first)});
  }
}

void Subscriber::start(bool with_ids) {
  with_ids_ = with_ids;
  send_more();
}

void Subscriber::send_more() {
  while (sent_ < packets_.size() && sent_ - answered_ < kMaxOutstanding) {
    Packet& packet = packets_[sent_++];
    try {
      send(packet);
    } catch (const paho::exception& error) {
      // Without a connection there is nothing to tell: its end is told elsewhere.
      if (!client_.is_connected()) return;
      problems_.push_back("cannot subscribe to '" + subscriptions_[packet.first].filter +
                          "': " + error.get_error_str());
      ++answered_;
    }
  }
  if (answered_ == packets_.size()) done_(std::move(problems_));
}

int Subscriber::wanted_qos(const Subscription& subscription) const {
  // Before MQTT 5 Paho acknowledges a QoS 2 message before it hands it over: a crash would lose it.
  return version5_ ? subscription.qos : std::min(subscription.qos, 1);
}

void Subscriber::send(Packet& packet) {
  const Subscription& first = subscriptions_[packet.first];
  if (version5_) {
    // Retained messages come with a new subscription only, not each time we connect to a session
    // that has it already.
    const paho::subscribe_options options(paho::subscribe_options::SUBSCRIBE_LOCAL, 0,
                                          paho::subscribe_options::SEND_RETAINED_ON_NEW);
    paho::properties properties;
    if (with_ids_ && first.id != 0) {
      properties.add(
          {paho::property::SUBSCRIPTION_IDENTIFIER, static_cast<std::int32_t>(first.id)});
    }
    client_.subscribe(first.filter, first.qos, &packet, *this, options, properties);
    return;
  }
  auto filters = std::make_shared<paho::string_collection>();
  paho::iasync_client::qos_collection qos;
  for (std::size_t i = packet.first; i < packet.first + packet.count; ++i) {
    filters->push_back(subscriptions_[i].filter);
    qos.push_back(wanted_qos(subscriptions_[i]));
  }
  client_.subscribe(filters, qos, &packet, *this);
}

void Subscriber::on_success(const paho::token& token) try {
  const auto& packet = *static_cast<const Packet*>(token.get_user_context());
  const auto response = token.get_subscribe_response();
  const auto& codes = response.get_reason_codes();
  for (std::size_t i = 0; i < std::min(packet.count, codes.size()); ++i) {
    note(subscriptions_[packet.first + i], codes[i]);
  }
  ++answered_;
  send_more();
} catch (const std::exception& error) {
  log::error("the answer to a subscription cannot be read", {{"error", error.what()}});
}

void Subscriber::on_failure(const paho::token& token) try {
  const auto& packet = *static_cast<const Packet*>(token.get_user_context());
  const int code = version5_ ? static_cast<int>(token.get_reason_code()) : token.get_return_code();
  // Else the connection is gone, and with it the question.
  if (code < kFirstRefusal) return;
  for (std::size_t i = 0; i < packet.count; ++i) note(subscriptions_[packet.first + i], code);
  ++answered_;
  send_more();
} catch (const std::exception& error) {
  log::error("the refusal of a subscription cannot be read", {{"error", error.what()}});
}

void Subscriber::note(const Subscription& asked, int code) {
  if (code >= kFirstRefusal) {
    problems_.push_back(suback_text(code, asked.filter));
  } else if (code < wanted_qos(asked)) {
    problems_.push_back("the broker grants '" + asked.filter + "' QoS " + std::to_string(code) +
                        " only: messages may be lost");
  }
}

}  // namespace plotbridge::mqtt
