// A server of one connection, by hand: a test reads what came and answers byte by byte, closes or
// stays silent. Blocking, each wait bounded; the test's own thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::test {

class RawPeer {
 public:
  /// Listens on a free port of `host`, 127.0.0.1 or ::1. `receive_bytes`: what the kernel keeps of
  /// what is not read; 0: as much as it likes.
  explicit RawPeer(std::string_view host = "127.0.0.1", int receive_bytes = 0);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  /// `host`: a name for the address, where it is reached by one.
  std::string url(std::string_view scheme = "http", std::string_view host = "") const;
  std::uint16_t port() const { return port_; }
  int listener() const { return listener_; }
  void accept();
  /// Whether somebody waits to be accepted now.
  bool has_caller() const;
  /// Reads until everything so far contains `text`; what was read. Throws after 10 s.
  const std::string& read_until(std::string_view text);
  /// As `read_until`, but keeps no more than it needs.
  void skip_until(std::string_view text);
  /// What comes until the other side closes; nothing more is known when that is with a reset.
  std::string read_to_end();
  void write(std::string_view bytes);
  /// False: the other side has gone.
  bool try_write(std::string_view bytes);
  /// FIN, and goes on reading.
  void half_close();
  void close();
  /// Closes with RST.
  void reset();
  /// What the kernel has taken for this side, read or not.
  std::int64_t bytes_received() const;
  /// From now on no packet of the connection arrives here: no ACK goes out, no RST, no FIN.
  void vanish();
  /// Makes blocking calls on `socket` fail after 10 s.
  void limit_waits();
  /// The accepted connection, for what is done on top of it.
  int socket() const { return connection_; }

 private:
  /// False: the other side has closed.
  bool read_some();

  int listener_ = -1;
  int connection_ = -1;
  bool v6_;
  std::uint16_t port_ = 0;
  std::string received_;
};

}  // namespace plotbridge::test
