#include "plugin/app/broker_link.h"

#include "plugin/base/clock.h"
#include "plugin/base/log.h"
#include "plugin/base/utf8.h"
#include "plugin/config/file.h"

#include <algorithm>
#include <utility>

namespace plotbridge::app {
namespace {

using namespace std::chrono_literals;

// A broker that is started again has its messages back soon.
constexpr Backoff::Policy kFailed{1s, 5s};
// Until somebody has mended it: a broker may lock out who asks too often.
constexpr Backoff::Policy kUnwelcome{60s, 15min};
// Against a client that reconnects at once: 5 times in the first hour at most, then twice an hour.
constexpr Backoff::Policy kTakenOver{60s, 1h, 4};
// What lasted for so long makes up for the failures before; where another client takes the session,
// for longer than that is waited.
constexpr Duration kLasting = 60s;
constexpr Duration kUndisputed = 2h;
constexpr Duration kLogInterval = 10s;
constexpr Duration kDownInterval = 60s;
constexpr std::size_t kTopicShown = 200;
constexpr std::size_t kMaxKeyBytes = std::size_t{1} << 20;
constexpr int kStateQos = 1;
constexpr Duration kLeave = 500ms;
constexpr const char* kSilent =
    "the broker did not answer for 30 s; what listens at its address may be something else, or "
    "stand still";

mqtt::SessionOptions to_options(const config::Broker& broker,
                                std::vector<mqtt::Subscription> subscriptions) {
  mqtt::SessionOptions options;
  options.url = broker.url;
  options.mqtt_version = broker.mqtt_version;
  options.client_id = broker.client_id;
  options.username = broker.username;
  options.password = broker.password;
  options.keep_alive = broker.keep_alive;
  options.session_expiry = broker.session_expiry;
  options.max_payload = broker.max_payload;
  options.tls_ca = broker.tls.ca;
  options.tls_certificate = broker.tls.certificate;
  options.tls_key = broker.tls.key;
  options.tls_verify = broker.tls.verify;
  options.subscriptions = std::move(subscriptions);
  return options;
}

}  // namespace

BrokerLink::BrokerLink(const config::Broker& broker, std::vector<mqtt::Subscription> subscriptions,
                       const std::string& host_id, Callbacks told)
    : told_(std::move(told)),
      persistent_(broker.keeps_session()),
      backoffs_{{mqtt::Down::kFailed, Backoff(kFailed)},
                {mqtt::Down::kUnwelcome, Backoff(kUnwelcome)},
                {mqtt::Down::kTakenOver, Backoff(kTakenOver)}},
      random_(std::random_device{}()),
      down_log_(kDownInterval) {
  status_.url = broker.url;
  if (broker.url.starts_with("mqtts:") || broker.url.starts_with("wss:")) {
    private_key_ = broker.tls.key.empty() ? broker.tls.certificate : broker.tls.key;
  }
  status_.since = wall_now();
  status_.problem = "not connected yet";
  mqtt::SessionCallbacks callbacks;
  if (!host_id.empty()) host_state_.emplace(host_id);
  callbacks.on_message = [this](const Message& message) {
    if (host_state_ && host_state_->contradicts(message.topic, message.payload)) announce();
    told_.on_message(message);
  };
  callbacks.on_ready = [this](bool session_present, std::vector<std::string> problems) {
    on_ready(session_present, problems);
  };
  callbacks.on_down = [this](std::string why, mqtt::Down how) { on_down(why, how); };
  callbacks.on_new_session = told_.on_new_session;
  callbacks.on_oversize = [this](std::string_view topic, std::size_t size) {
    on_oversize(topic, size);
  };
  mqtt::SessionOptions options = to_options(broker, std::move(subscriptions));
  if (host_state_) {
    // Called by `connect`, on the main thread.
    options.make_will = [this] { return host_state_->will(wall_now()); };
  }
  session_ = std::make_unique<mqtt::Session>(std::move(options), std::move(callbacks));
}

void BrokerLink::dial(TimePoint now) {
  {
    const std::lock_guard lock(mutex_);
    give_up_at_ = now + kPatience;
  }
  // It may have been renewed since the last time, and Paho looks at no rights.
  if (!private_key_.empty()) {
    if (const auto key = config::read_file(private_key_, kMaxKeyBytes, config::FileKind::kSecret);
        !key) {
      return on_down(key.error().message, mqtt::Down::kFailed);
    }
  }
  session_->connect();
}

TimePoint BrokerLink::turn(TimePoint now) {
  if (paused_) return kNever;
  if (announce_wanted_.exchange(false)) {
    session_->publish(host_state_->topic(), host_state_->online(), kStateQos, true);
  }
  bool given_up = false;
  {
    const std::lock_guard lock(mutex_);
    if (const auto after = std::exchange(retry_wanted_, std::nullopt)) {
      const double random = std::uniform_real_distribution<double>(0, 1)(random_);
      retry_at_ = now + backoffs_.at(*after).next(random);
    }
    if (now < std::min(retry_at_, give_up_at_)) return std::min(retry_at_, give_up_at_);
    given_up = now >= std::exchange(give_up_at_, kNever);
    retry_at_ = kNever;
  }
  if (given_up) {
    session_->disconnect(kLeave);
    bool has_told = false;
    {
      const std::lock_guard lock(mutex_);
      has_told = retry_wanted_.has_value();  // in the last moment
    }
    if (!has_told) on_down(kSilent, mqtt::Down::kFailed);
    return now;
  }
  dial(now);
  return now + kPatience;
}

void BrokerLink::retry(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (!retry_wanted_ && retry_at_ == kNever) return;
  retry_wanted_.reset();
  retry_at_ = now;
}

void BrokerLink::announce() {
  announce_wanted_ = true;
  told_.on_change();
}

void BrokerLink::pause(Duration timeout, std::string why) {
  paused_ = true;
  session_->disconnect(timeout);
  log::warning("broker left",
               {{"url", status_.url}, {"why", why}, {"next", "comes back when there is room"}});
  const std::lock_guard lock(mutex_);
  status_.connected = false;
  status_.since = wall_now();
  status_.problem = std::move(why);
  retry_wanted_.reset();
  retry_at_ = give_up_at_ = kNever;
}

void BrokerLink::resume(TimePoint now) {
  paused_ = false;
  dial(now);
}

void BrokerLink::stop(Duration timeout) {
  if (host_state_) {
    session_->publish(host_state_->topic(), host_state_->offline(wall_now()), kStateQos, true);
  }
  session_->disconnect(timeout);
  const std::lock_guard lock(mutex_);
  status_.connected = false;
  status_.problem = "disconnected";
}

BrokerStatus BrokerLink::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void BrokerLink::on_ready(bool session_present, const std::vector<std::string>& problems) {
  bool forgotten = false;
  {
    const std::lock_guard lock(mutex_);
    status_.connected = true;
    status_.since = wall_now();
    status_.problem = problems.empty() ? "" : problems.front();
    give_up_at_ = kNever;
    if (was_connected_) ++status_.reconnects;
    forgotten = was_connected_ && persistent_ && !session_present;
    if (forgotten) ++status_.lost_sessions;
    was_connected_ = true;
    connected_at_ = steady_now();
    down_log_ = RateLimit(kDownInterval);
  }
  log::info("broker connected", {{"url", status_.url}, {"session_present", session_present}});
  if (forgotten) {
    log::warning("the broker has forgotten the session: what came while it was away is lost",
                 {{"hint",
                   "see that it keeps sessions on its disk, and for as long as "
                   "broker.session_expiry says"}});
  }
  if (host_state_) announce();
  for (const std::string& problem : problems)
    log::warning("subscription refused", {{"why", problem}});
}

void BrokerLink::on_down(const std::string& why, mqtt::Down how) {
  std::optional<std::uint64_t> suppressed;
  {
    const TimePoint now = steady_now();
    const std::lock_guard lock(mutex_);
    const Duration least = how == mqtt::Down::kTakenOver ? kUndisputed : kLasting;
    const bool lasted = connected_at_ != kNever && now - connected_at_ >= least;
    connected_at_ = kNever;
    if (lasted) {
      for (auto& [after, backoff] : backoffs_) backoff.reset();
    }
    if (status_.connected) status_.since = wall_now();
    status_.connected = false;
    status_.problem = why;
    give_up_at_ = kNever;
    retry_wanted_ = how;
    suppressed = down_log_.admit(why, now);
  }
  if (suppressed) {
    log::warning("broker not connected", {{"url", status_.url},
                                          {"why", why},
                                          {"next", "will try again"},
                                          {"suppressed", *suppressed}});
  }
  told_.on_change();
}

void BrokerLink::log_suppressed(TimePoint now, Duration age) {
  std::uint64_t messages = 0;
  {
    const std::lock_guard lock(mutex_);
    messages = oversize_log_.take_suppressed(now, age);
  }
  if (messages == 0) return;
  log::warning("more messages dropped",
               {{"last_why", "larger than broker.max_payload"}, {"suppressed", messages}});
}

void BrokerLink::on_oversize(std::string_view topic, std::size_t size) {
  if (told_.on_oversize) told_.on_oversize(topic);
  std::optional<std::uint64_t> suppressed;
  {
    const std::lock_guard lock(mutex_);
    ++status_.oversize_messages;
    suppressed = oversize_log_.admit(steady_now(), kLogInterval);
  }
  if (!suppressed) return;
  log::warning("message dropped", {{"topic", whole_characters(topic, kTopicShown)},
                                   {"bytes", size},
                                   {"why", "larger than broker.max_payload"},
                                   {"hint", "raise it (16MiB at most), or publish less at once"},
                                   {"suppressed", *suppressed}});
}

}  // namespace plotbridge::app
