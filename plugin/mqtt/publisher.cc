#include "plugin/mqtt/publisher.h"

#include "plugin/base/clock.h"
#include "plugin/mqtt/paho_options.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace plotbridge::mqtt {

namespace paho = ::mqtt;

namespace {

// Messages on their way at a time; Paho searches them one by one for each new one.
constexpr std::size_t kMaxWindow = 200;
constexpr Duration kStuck = std::chrono::seconds(10);

tl::unexpected<Error> lost(const paho::exception& error) {
  return fail(ErrorKind::kUnavailable, "cannot publish: " + error.get_error_str());
}

std::chrono::milliseconds milliseconds(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration);
}

}  // namespace

struct Publisher::Impl {
  SessionOptions options;
  std::unique_ptr<paho::async_client> client;
  std::deque<paho::delivery_token_ptr> on_their_way;
  std::size_t window = kMaxWindow;

  // Paho would hold back what is beyond the broker's Receive Maximum, but an acknowledgement does
  // not wake it up again: it goes on after a second.
  void respect(const paho::properties& properties) {
    constexpr auto kLimit = paho::property::RECEIVE_MAXIMUM;
    window = kMaxWindow;
    if (properties.contains(kLimit)) {
      window = std::clamp<std::size_t>(paho::get<std::uint16_t>(properties, kLimit), 1, kMaxWindow);
    }
  }

  /// Waits until at most `most` messages are on their way.
  Result<void> drain(std::size_t most, Duration timeout) {
    const auto deadline = steady_now() + timeout;
    try {
      while (on_their_way.size() > most) {
        if (!on_their_way.front()->wait_until(deadline)) {
          return fail(ErrorKind::kUnavailable, "cannot publish: the broker does not acknowledge");
        }
        on_their_way.pop_front();
      }
    } catch (const paho::exception& error) {
      return lost(error);
    }
    return {};
  }
};

Publisher::Publisher(SessionOptions options) : impl_(std::make_unique<Impl>()) {
  if (options.client_id.empty()) options.client_id = random_client_id();
  impl_->options = std::move(options);
}

Publisher::~Publisher() = default;

Result<void> Publisher::connect(Duration timeout) {
  const SessionOptions& options = impl_->options;
  const auto url = parse_broker_url(options.url);
  if (!url) return tl::make_unexpected(url.error());
  impl_->on_their_way.clear();
  try {
    // The new one first, but for websockets: see Session::connect.
    if (url->websocket) impl_->client.reset();
    auto client = make_client(*url, options);
    paho::connect_options connect;
    fill_connect_options(*url, options, false, connect);
    impl_->client = std::move(client);
    const auto answer = impl_->client->connect(connect);
    if (answer->wait_for(milliseconds(timeout))) {
      impl_->respect(answer->get_connect_response().get_properties());
      return {};
    }
  } catch (const paho::exception& error) {
    const bool refused = error.get_return_code() > 0;
    return fail(refused ? ErrorKind::kRefused : ErrorKind::kUnavailable,
                connect_failure(error, *url, options));
  }
  return fail(ErrorKind::kUnavailable, "the broker at " + url->address() + " does not answer");
}

bool Publisher::connected() const { return impl_->client && impl_->client->is_connected(); }

Result<void> Publisher::publish(std::string_view topic, std::string_view payload, int qos,
                                bool retained) {
  if (!impl_->client) return fail(ErrorKind::kUnavailable, "cannot publish: not connected");
  if (auto room = impl_->drain(impl_->window - 1, kStuck); !room) return room;
  try {
    impl_->on_their_way.push_back(
        impl_->client->publish(std::string(topic), payload.data(), payload.size(), qos, retained));
  } catch (const paho::exception& error) {
    return lost(error);
  }
  return {};
}

Result<void> Publisher::flush(Duration timeout) { return impl_->drain(0, timeout); }

void Publisher::disconnect(Duration timeout) {
  if (!impl_->client) return;
  try {
    impl_->client->disconnect(milliseconds(timeout))->wait_for(milliseconds(timeout));
  } catch (const paho::exception&) {
    // Not connected: nothing to take leave of.
  }
  impl_->on_their_way.clear();
  impl_->client.reset();
}

}  // namespace plotbridge::mqtt
