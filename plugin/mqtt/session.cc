#include "plugin/mqtt/session.h"

#include "plugin/mqtt/attempt.h"
#include "plugin/mqtt/paho_options.h"

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace plotbridge::mqtt {

struct Session::Impl {
  Attempt::Shared shared;
  // Serialises the owner's threads. Never taken in a callback: who holds it may be waiting for one
  // to end.
  std::mutex mutex;
  std::unique_ptr<Attempt> attempt;
};

void ignore_proxy_variables() {
  ::unsetenv("http_proxy");
  ::unsetenv("https_proxy");
}

Session::Session(SessionOptions options, SessionCallbacks callbacks)
    : impl_(std::make_unique<Impl>()) {
  impl_->shared.persistent =
      !options.client_id.empty() && options.session_expiry > Duration::zero();
  if (options.client_id.empty()) options.client_id = random_client_id();
  impl_->shared.options = std::move(options);
  impl_->shared.callbacks = std::move(callbacks);
}

Session::~Session() = default;

void Session::connect() {
  std::string failure;
  {
    const std::lock_guard lock(impl_->mutex);
    std::unique_ptr<Attempt>& attempt = impl_->attempt;
    if (attempt && !attempt->over()) return;
    const auto url = parse_broker_url(impl_->shared.options.url);
    try {
      if (!url) throw std::runtime_error(url.error().message);
      // Paho ends its threads with its last client, which takes a second: the new one comes first.
      // Its websockets, though, share buffers that only that end empties of what a broken
      // connection left.
      if (url->websocket) attempt.reset();
      auto next = std::make_unique<Attempt>(*url, impl_->shared);
      attempt = std::move(next);
      attempt->dial();
      return;
    } catch (const std::exception& error) {
      attempt.reset();
      failure =
          url ? "cannot begin to connect to the broker at " + url->address() + ": " + error.what()
              : url.error().message;
    }
  }
  if (impl_->shared.callbacks.on_down) impl_->shared.callbacks.on_down(failure, Down::kFailed);
}

bool Session::connected() const { return impl_->shared.connected; }

void Session::publish(const std::string& topic, const std::string& payload, int qos,
                      bool retained) {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->attempt || !impl_->shared.connected) return;
  impl_->attempt->publish(topic, payload, qos, retained);
}

void Session::disconnect(Duration timeout) {
  const std::lock_guard lock(impl_->mutex);
  if (!impl_->attempt) return;
  impl_->attempt->disconnect(timeout);
  impl_->attempt.reset();
}

}  // namespace plotbridge::mqtt
