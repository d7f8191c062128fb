#include "plugin/http/curl_loop.h"

#include "plugin/http/curl_loop_impl.h"
#include "plugin/http/curl_transport.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>

namespace plotbridge::http {
namespace {

constexpr int kEventsAtOnce = 256;

TimePoint steady_now() { return std::chrono::steady_clock::now(); }

UniqueFd checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return UniqueFd(fd);
}

void add(int epoll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST) {
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  }
}

// Waits for events until `until`; the number of them.
int wait(int epoll, std::array<epoll_event, kEventsAtOnce>& events, TimePoint until) {
  timespec timeout{};
  const timespec* limit = nullptr;
  if (until != kNever) {
    const TimePoint now = steady_now();
    const auto left = until > now ? (until - now).count() : 0;  // until may be TimePoint::min()
    timeout.tv_sec = left / 1'000'000'000;
    timeout.tv_nsec = left % 1'000'000'000;
    limit = &timeout;
  }
  return epoll_pwait2(epoll, events.data(), kEventsAtOnce, limit, nullptr);
}

}  // namespace

CurlLoop::Impl::Impl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  epoll = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  watch = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  wakeup = checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  add(epoll.get(), watch.get(), EPOLLIN);
  add(epoll.get(), wakeup.get(), EPOLLIN);
  multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);  // no stream's connection is ever used again
}

CurlLoop::Impl::~Impl() { curl_multi_cleanup(multi); }

void CurlLoop::Impl::watch_socket(int fd, CurlTransport* transport) {
  add(watch.get(), fd, EPOLLRDHUP | EPOLLET);
  watched[fd] = transport;
}

void CurlLoop::Impl::forget_socket(int fd) {
  epoll_ctl(watch.get(), EPOLL_CTL_DEL, fd, nullptr);
  watched.erase(fd);
}

int CurlLoop::Impl::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto* impl = static_cast<Impl*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(impl->epoll.get(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  std::uint32_t events = 0;
  if (what & CURL_POLL_IN) events |= EPOLLIN;
  if (what & CURL_POLL_OUT) events |= EPOLLOUT;
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  if (epoll_ctl(impl->epoll.get(), EPOLL_CTL_MOD, socket, &event) != 0) {
    epoll_ctl(impl->epoll.get(), EPOLL_CTL_ADD, socket, &event);
  }
  return 0;
}

int CurlLoop::Impl::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<Impl*>(self)->curl_deadline =
      timeout_ms < 0 ? kNever : steady_now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

void CurlLoop::Impl::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi, socket, events, &running);
}

void CurlLoop::Impl::collect_finished() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    reinterpret_cast<CurlTransport*>(owner)->on_done(message->data.result);
  }
}

void CurlLoop::Impl::tell_endings(TimePoint now) {
  // Telling may start or end other transports, so the set is walked by copy.
  const std::vector<CurlTransport*> known(ending.begin(), ending.end());
  for (CurlTransport* transport : known) {
    if (!ending.contains(transport) || transport->ending_due() > now) continue;
    ending.erase(transport);
    transport->tell_ending();
  }
}

TimePoint CurlLoop::Impl::next_ending() const {
  TimePoint next = kNever;
  for (const CurlTransport* transport : ending) next = std::min(next, transport->ending_due());
  return next;
}

void CurlLoop::Impl::read_watch() {
  std::array<epoll_event, kEventsAtOnce> events;
  int count = 0;
  do {
    count = epoll_wait(watch.get(), events.data(), kEventsAtOnce, 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) continue;
      const auto found = watched.find(event.data.fd);
      if (found != watched.end()) found->second->on_peer_closed(steady_now());
    }
  } while (count == kEventsAtOnce);
}

CurlLoop::CurlLoop() : impl_(std::make_unique<Impl>()) {}
CurlLoop::~CurlLoop() = default;

void CurlLoop::run(const OnTurn& on_turn) {
  std::array<epoll_event, kEventsAtOnce> events;
  TimePoint turn_due = TimePoint::min();
  bool wakeable = false;
  while (!stopping_) {
    asleep_ = wakeable;
    if (wakeable && woken_) turn_due = TimePoint::min();  // woken before it slept
    const int count = wait(impl_->epoll.get(), events,
                           std::min({turn_due, impl_->next_ending(), impl_->curl_deadline}));
    asleep_ = false;
    bool peer_closed = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == impl_->wakeup.get()) {
        std::uint64_t ignored = 0;
        [[maybe_unused]] const auto read_bytes =
            read(impl_->wakeup.get(), &ignored, sizeof ignored);
      } else if (event.data.fd == impl_->watch.get()) {
        peer_closed = true;
      } else {
        int what = 0;
        if (event.events & EPOLLIN) what |= CURL_CSELECT_IN;
        if (event.events & EPOLLOUT) what |= CURL_CSELECT_OUT;
        if (event.events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
        impl_->act(event.data.fd, what);
      }
    }
    if (impl_->curl_deadline <= steady_now()) {
      impl_->curl_deadline = kNever;
      impl_->act(CURL_SOCKET_TIMEOUT, 0);
    }
    // After libcurl had its turn: an answer that came with the close is known by now.
    if (peer_closed) impl_->read_watch();
    impl_->collect_finished();
    impl_->tell_endings(steady_now());

    // Last and always: what was told above may have changed what is due.
    woken_ = false;
    const Rest rest = on_turn(steady_now());
    turn_due = rest.until;
    wakeable = rest.wakeable;
    turns_.fetch_add(1, std::memory_order_relaxed);
  }
}

void CurlLoop::stop() {
  stopping_ = true;
  asleep_ = true;
  wake();
}

void CurlLoop::wake() {
  woken_ = true;
  if (!asleep_.exchange(false)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(impl_->wakeup.get(), &one, sizeof one);
}

}  // namespace plotbridge::http
