#include "plugin/mqtt/attempt.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/mqtt/paho_options.h"
#include "plugin/mqtt/reason_text.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace plotbridge::mqtt {

namespace paho = ::mqtt;

namespace {

MQTTAsync handle_of(paho::async_client& client);

// Paho's C++ part copies each message once more before anybody can refuse it, and lets a failure of
// that copy run into C, which ends the program. Messages are taken from the C library, whose handle
// it keeps to itself.
template <MQTTAsync paho::async_client::*Handle>
struct ClientHandle {
  friend MQTTAsync handle_of(paho::async_client& client) { return client.*Handle; }
};
template struct ClientHandle<&paho::async_client::cli_>;

}  // namespace

Attempt::Attempt(const BrokerUrl& url, Shared& shared)
    : url_(url),
      shared_(shared),
      owned_client_(make_client(url, shared.options)),
      client_(*owned_client_) {
  // Before the dial: a kept session delivers before anything of ours could be called. And never the
  // consumer queue, nor a refusal of a message: Paho acknowledges what waits there, and a crash
  // loses it.
  MQTTAsync_setMessageArrivedCallback(handle_of(client_), this, &Attempt::on_message);
  client_.set_connection_lost_handler([this](const std::string&) {
    guarded([&] {
      end("the connection to the broker at " + url_.address() +
          " is lost: the broker closed it, or was silent for 1.5 times broker.keep_alive; if it "
          "happens again and again, look for another client with the client id '" +
          shared_.options.client_id + "'");
    });
  });
  client_.set_disconnected_handler([this](const paho::properties&, paho::ReasonCode code) {
    guarded([&] {
      end(disconnect_text(code, shared_.options.client_id),
          is_taken_over(code) ? Down::kTakenOver : Down::kFailed);
    });
  });
}

Attempt::~Attempt() {
  muted_ = true;
  owned_client_.reset();
  shared_.connected = false;
}

void Attempt::dial() {
  paho::connect_options options;
  fill_connect_options(url_, shared_.options, shared_.persistent, options);
  if (shared_.options.make_will) {
    constexpr int kQos = 1;
    constexpr bool kRetained = true;
    const Will will = shared_.options.make_will();
    options.set_will(
        paho::will_options(will.topic, will.payload.data(), will.payload.size(), kQos, kRetained));
  }
  client_.connect(options, nullptr, *this);
}

void Attempt::publish(const std::string& topic, const std::string& payload, int qos,
                      bool retained) {
  try {
    client_.publish(topic, payload.data(), payload.size(), qos, retained);
  } catch (const ::mqtt::exception&) {
    // The connection is ending, which its own callbacks tell.
  }
}

void Attempt::disconnect(Duration timeout) {
  muted_ = true;
  try {
    const auto limit = std::chrono::ceil<std::chrono::milliseconds>(timeout);
    client_.disconnect(limit)->wait_for(limit);
  } catch (const paho::exception&) {
    // Not connected: nothing to take leave of.
  }
}

// An exception must not reach Paho, which is C.
template <class Step>
void Attempt::guarded(Step step) noexcept {
  try {
    step();
  } catch (...) {
    complain();
  }
}

// Where there is no memory there may be none to say so.
void Attempt::complain() try {
  std::string what = "unknown exception";
  try {
    throw;
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  if (complaints_.admit({}, steady_now())) {
    log::error("a callback of the MQTT session failed", {{"error", what}});
  }
} catch (...) {
}

// The broker is told that the message was taken when this returns 1, whatever came of it: one that
// cannot be handled must not come back for ever.
int Attempt::on_message(void* context, char* topic, int topic_size, MQTTAsync_message* message) {
  auto& attempt = *static_cast<Attempt*>(context);
  // 0: the topic ends with a zero byte.
  const std::size_t size =
      topic_size > 0 ? static_cast<std::size_t>(topic_size) : std::strlen(topic);
  attempt.guarded([&] { attempt.take({topic, size}, *message); });
  MQTTAsync_freeMessage(&message);
  MQTTAsync_free(topic);
  return 1;
}

void Attempt::on_success(const paho::token& token) {
  guarded([&] {
    shared_.connected = true;
    subscribe(token.get_connect_response());
  });
}

void Attempt::on_failure(const paho::token& token) {
  guarded([&] {
    if (muted_) return;
    try {
      // Throws what the token keeps to itself. The listener is given it as const for no reason.
      const_cast<paho::token&>(token).try_wait();
    } catch (const paho::exception& failure) {
      const bool unwelcome = is_unwelcome(shared_.options.mqtt_version, failure.get_return_code());
      return end(connect_failure(failure, url_, shared_.options),
                 unwelcome ? Down::kUnwelcome : Down::kFailed);
    }
    end("the broker at " + url_.address() + " cannot be reached");
  });
}

void Attempt::subscribe(const paho::connect_response& response) {
  session_present_ = response.is_session_present();
  const SessionOptions& options = shared_.options;
  if (!session_present_) {
    shared_.subscribed = false;
    if (!muted_ && shared_.callbacks.on_new_session) shared_.callbacks.on_new_session();
  }
  // MQTT 5 asks every time: a stored session may be that of an older configuration, and an existing
  // subscription is not disturbed. In 3.1.1 it is, by all its retained messages: once in a process.
  if (options.mqtt_version != 5 && shared_.subscribed) return ready({});

  const paho::properties& properties = response.get_properties();
  constexpr auto kAvailable = paho::property::SUBSCRIPTION_IDENTIFIERS_AVAILABLE;
  const bool with_ids =
      !properties.contains(kAvailable) || paho::get<std::uint8_t>(properties, kAvailable) != 0;
  if (!with_ids) {
    problems_.push_back(
        "the broker has no subscription identifiers: a message that matches several filters may "
        "come out twice; try broker.mqtt_version: 3.1.1");
  }
  subscriber_ = std::make_unique<Subscriber>(
      client_, options.mqtt_version, options.subscriptions,
      [this](std::vector<std::string> problems) { ready(std::move(problems)); });
  subscriber_->start(with_ids);
}

void Attempt::ready(std::vector<std::string> problems) {
  shared_.subscribed = problems.empty();
  problems.insert(problems.end(), problems_.begin(), problems_.end());
  if (!muted_ && shared_.callbacks.on_ready) {
    shared_.callbacks.on_ready(session_present_, std::move(problems));
  }
}

void Attempt::end(const std::string& why, Down how) {
  if (over_.exchange(true)) return;
  shared_.connected = false;
  if (!muted_ && shared_.callbacks.on_down) shared_.callbacks.on_down(why, how);
}

void Attempt::take(std::string_view topic, const MQTTAsync_message& received) {
  Message message;
  message.received_at = wall_now();
  message.received_mono = steady_now();
  message.topic = topic;
  message.payload = {static_cast<const char*>(received.payload),
                     static_cast<std::size_t>(received.payloadlen)};
  // Properties of MQTT 5 cost the library far more than their bytes.
  const std::size_t size =
      message.payload.size() + static_cast<std::size_t>(std::max(0, received.properties.length));
  if (size > shared_.options.max_payload) {
    if (shared_.callbacks.on_oversize) shared_.callbacks.on_oversize(message.topic, size);
    return;
  }
  message.qos = received.qos;
  message.retained = received.retained != 0;
  ids_.clear();
  const MQTTProperties& properties = received.properties;
  for (int i = 0; i < properties.count; ++i) {
    if (properties.array[i].identifier == MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER) {
      ids_.push_back(properties.array[i].value.integer4);
    }
  }
  message.subscription_ids = ids_;
  if (shared_.callbacks.on_message) shared_.callbacks.on_message(message);
}

}  // namespace plotbridge::mqtt
