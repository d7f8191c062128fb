#include "plugin/http/curl_reactor.h"

#include "plugin/base/clock.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <vector>

namespace plotbridge::http {
namespace {

constexpr int kClosuresAtOnce = 256;

UniqueFd checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return UniqueFd(fd);
}

void add_to(int epoll, int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST) {
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
  }
}

}  // namespace

CurlReactor::CurlReactor() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  epoll = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  watch = checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  add_to(epoll.get(), watch.get(), EPOLLIN);
  multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &CurlReactor::on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &CurlReactor::on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);  // no stream's connection is ever used again
}

CurlReactor::~CurlReactor() { curl_multi_cleanup(multi); }

void CurlReactor::add(int fd) { add_to(epoll.get(), fd, EPOLLIN); }

void CurlReactor::watch_socket(int fd, CurlTransfer* transfer) {
  add_to(watch.get(), fd, EPOLLRDHUP | EPOLLET);
  watched[fd] = transfer;
}

void CurlReactor::forget_socket(int fd) {
  epoll_ctl(watch.get(), EPOLL_CTL_DEL, fd, nullptr);
  watched.erase(fd);
}

int CurlReactor::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  auto* reactor = static_cast<CurlReactor*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(reactor->epoll.get(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  std::uint32_t events = 0;
  if (what & CURL_POLL_IN) events |= EPOLLIN;
  if (what & CURL_POLL_OUT) events |= EPOLLOUT;
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  if (epoll_ctl(reactor->epoll.get(), EPOLL_CTL_MOD, socket, &event) != 0) {
    epoll_ctl(reactor->epoll.get(), EPOLL_CTL_ADD, socket, &event);
  }
  return 0;
}

int CurlReactor::on_timer(CURLM*, long timeout_ms, void* self) {
  static_cast<CurlReactor*>(self)->curl_deadline =
      timeout_ms < 0 ? kNever : steady_now() + std::chrono::milliseconds(timeout_ms);
  return 0;
}

void CurlReactor::act(int fd, std::uint32_t events) {
  int what = 0;
  if (events & EPOLLIN) what |= CURL_CSELECT_IN;
  if (events & EPOLLOUT) what |= CURL_CSELECT_OUT;
  if (events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
  int running = 0;
  curl_multi_socket_action(multi, fd, what, &running);
}

void CurlReactor::act_on_timers(TimePoint now) {
  if (curl_deadline > now) return;
  curl_deadline = kNever;
  int running = 0;
  curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void CurlReactor::collect_finished() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    reinterpret_cast<CurlTransfer*>(owner)->on_done(message->data.result);
  }
}

void CurlReactor::tell_endings(TimePoint now) {
  // Telling may start or end other transfers, so the set is walked by copy.
  const std::vector<CurlTransfer*> known(ending.begin(), ending.end());
  for (CurlTransfer* transfer : known) {
    if (!ending.contains(transfer) || transfer->ending_due() > now) continue;
    ending.erase(transfer);
    transfer->tell_ending();
  }
}

TimePoint CurlReactor::next_ending() const {
  TimePoint next = kNever;
  for (const CurlTransfer* transfer : ending) next = std::min(next, transfer->ending_due());
  return next;
}

void CurlReactor::read_watch() {
  std::array<epoll_event, kClosuresAtOnce> events;
  int count = 0;
  do {
    count = epoll_wait(watch.get(), events.data(), kClosuresAtOnce, 0);
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if ((event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) == 0) continue;
      const auto found = watched.find(event.data.fd);
      if (found != watched.end()) found->second->on_peer_closed(steady_now());
    }
  } while (count == kClosuresAtOnce);
}

}  // namespace plotbridge::http
