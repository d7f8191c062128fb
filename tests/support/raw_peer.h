// A server of one connection, by hand: a test reads what came and answers byte by byte, closes or
// stays silent. Blocking, each wait bounded; the test's own thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plotbridge::test {

class RawPeer {
 public:
  /// Listens on a free port of 127.0.0.1.
  RawPeer();
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  std::string url() const;
  void accept();
  /// Whether somebody waits to be accepted now.
  bool has_caller() const;
  /// Reads until everything so far contains `text`; what was read. Throws after 10 s.
  const std::string& read_until(std::string_view text);
  void write(std::string_view bytes);
  /// FIN, and goes on reading.
  void half_close();
  void close();
  /// Closes with RST.
  void reset();

 private:
  int listener_ = -1;
  int connection_ = -1;
  std::uint16_t port_ = 0;
  std::string received_;
};

}  // namespace plotbridge::test
