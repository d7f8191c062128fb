#include "plugin/http/wire_positions.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>

namespace plotbridge::http {
namespace {

// Marks of one connection. A kernel's buffer full of the smallest chunks would need more; then the
// newest are told together, a little later than they could be.
constexpr std::size_t kMostMarks = 1024;

}  // namespace

std::int64_t bytes_acknowledged(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  // A kernel that does not know the field fills in less.
  constexpr std::size_t kNeeded =
      offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked;
  if (size < kNeeded) return -1;
  return static_cast<std::int64_t>(info.tcpi_bytes_acked);
}

std::int64_t bytes_written(int socket) {
  // Only the peer moves while this thread looks, and only what waits shrinks. Read between two
  // equal looks at that, the sum is exact; given up, it is too large, so that less counts as
  // arrived.
  constexpr int kLooks = 4;
  int waiting = 0;
  if (ioctl(socket, SIOCOUTQ, &waiting) != 0) return -1;
  std::int64_t acknowledged = bytes_acknowledged(socket);
  for (int look = 0; acknowledged >= 0 && look < kLooks; ++look) {
    int now = 0;
    if (ioctl(socket, SIOCOUTQ, &now) != 0) return -1;
    if (now == waiting) break;
    waiting = now;
    acknowledged = bytes_acknowledged(socket);
  }
  return acknowledged < 0 ? -1 : acknowledged + waiting;
}

void WirePositions::start(std::int64_t position, bool as_they_are) {
  *this = {};
  as_they_are_ = as_they_are;
  start_ = position;
}

void WirePositions::written(std::int64_t position) {
  if (!wants_position() || position < 0) return;
  if (marks_.size() - first_ >= kMostMarks) {
    marks_.back() = {handed_out_, position};
    return;
  }
  // What is settled gives its room back before more is taken.
  if (first_ > 0 && marks_.size() == marks_.capacity()) {
    marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  marks_.push_back({handed_out_, position});
}

std::int64_t WirePositions::chunk_bytes(std::int64_t acknowledged) {
  if (as_they_are_) {
    return start_ < 0 ? 0 : std::clamp(acknowledged - start_, std::int64_t{0}, handed_out_);
  }
  for (; first_ < marks_.size() && marks_[first_].position <= acknowledged; ++first_) {
    settled_ = marks_[first_].chunks;
  }
  if (first_ == marks_.size()) {
    marks_.clear();
    first_ = 0;
  }
  return settled_;
}

}  // namespace plotbridge::http
