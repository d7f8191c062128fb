// A real mosquitto on a free port of loopback, as a child process that ends with this object.
#pragma once

#include "tests/support/temp_dir.h"

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace plotbridge::test {

struct MosquittoOptions {
  /// Sessions survive `restart`.
  bool persistence = false;
  /// A second port, for ws.
  bool websockets = false;
  /// Given: anonymous clients are refused.
  std::string username = {}, password = {};
  /// Nobody may subscribe to this filter.
  std::string forbidden_filter = {};
  /// Files of a TLS listener; empty: plain.
  std::string certificate = {}, key = {};
  /// More lines of mosquitto.conf.
  std::string extra = {};
};

class MosquittoProcess {
 public:
  /// Returns when the port accepts; throws when that takes longer than 10 s.
  explicit MosquittoProcess(MosquittoOptions options = {});
  ~MosquittoProcess();
  MosquittoProcess(const MosquittoProcess&) = delete;
  MosquittoProcess& operator=(const MosquittoProcess&) = delete;

  std::uint16_t port() const { return port_; }
  /// `scheme://127.0.0.1:port`, with the port of websockets for ws.
  std::string url(const std::string& scheme = "mqtt", const std::string& host = "127.0.0.1") const;

  /// SIGTERM, so that it stores its sessions where it has persistence.
  void stop();
  /// On the same port as before.
  void start();
  void restart() {
    stop();
    start();
  }
  /// What it wrote to its log so far.
  std::string log() const;

 private:
  std::string write_config() const;

  MosquittoOptions options_;
  TempDir directory_;
  std::uint16_t port_ = 0;
  std::uint16_t websocket_port_ = 0;
  pid_t pid_ = -1;
};

/// A port of loopback that nobody listened on a moment ago.
std::uint16_t free_port();

}  // namespace plotbridge::test
