// A broker that plays back: it takes one connection after the other, and answers what it reads with
// the next of its lines. For what mosquitto never says.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace plotbridge::test {

class ScriptedBroker {
 public:
  /// `answers`: bytes to send for the first, second ... packet of each connection; after the last
  /// it reads on in silence.
  explicit ScriptedBroker(std::vector<std::string> answers);
  ~ScriptedBroker();
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  /// The bytes of the n-th packet (from 0) over all connections; empty when there was none.
  std::string heard(std::size_t n) const;

 private:
  void serve();

  mutable std::mutex mutex_;
  std::vector<std::string> heard_;

  std::vector<std::string> answers_;
  int listener_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace plotbridge::test
