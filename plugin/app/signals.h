// Signals as events of a file descriptor, blocked before the first thread starts. Main thread.
#pragma once

namespace plotbridge::app {

class Signals {
 public:
  /// Blocks SIGTERM, SIGINT and SIGHUP for this thread and all that it starts, and ignores SIGPIPE
  /// and SIGXFSZ.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Readable when a signal waits.
  int descriptor() const { return fd_; }
  /// The number of the next waiting signal, 0 when there is none.
  int next();

 private:
  int fd_;
};

}  // namespace plotbridge::app
