// What takes a connection over after its request head. Called by the connection, on the loop
// thread.
#pragma once

#include "plugin/base/time.h"

#include <string_view>

namespace plotbridge::http {

class Session {
 public:
  virtual ~Session() = default;
  virtual void on_bytes(std::string_view bytes, TimePoint now) = 0;
  /// The client half-closed; there is nothing more to read.
  virtual void on_end_of_input(TimePoint now) = 0;
  /// The turn that it asked for.
  virtual void on_turn(TimePoint) {}
  /// Now and then, to end what takes too long.
  virtual void on_sweep(TimePoint) {}
};

}  // namespace plotbridge::http
