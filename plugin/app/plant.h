// The small plant that `plotbridge simulate` publishes: two boilers (numbers), a pump (JSON), a
// press (protobuf, proto/plant.proto), a mixer (Sparkplug B) and the state of the line (text). Slow
// physics on a seed, so that charts look like a plant and a test can repeat it. Leaves to others:
// the clock and the broker. One thread at a time.
#pragma once

#include "plugin/base/time.h"

#include <cstdint>
#include <random>
#include <string>

namespace plotbridge::app {

struct PlantMessage {
  std::string topic;
  std::string payload;
  bool retained = false;
};

class Plant {
 public:
  Plant(std::uint64_t seed, WallTime start);

  /// What is published next, at the time `now`; the sensors take turns, and the state of the line
  /// comes once in 21 messages. Time never goes back; a gap of more than a minute counts as a
  /// minute.
  PlantMessage next(WallTime now);

 private:
  struct Boiler {
    double temperature;  // °C
    double pressure;     // bar
    double load = 0;     // what is drawn from it, around 0
    bool burning = true;
  };
  enum class PumpState { kRunning, kIdle, kTripped };

  void advance(WallTime now);
  void step(double seconds);
  void step(Boiler& boiler, double seconds);
  void step_pump(double seconds);
  PlantMessage telemetry(WallTime now) const;
  PlantMessage press(WallTime now) const;
  PlantMessage mixer(WallTime now);
  std::string line_state() const;
  double uniform(double low, double high);

  std::mt19937_64 random_;
  WallTime now_;
  std::uint64_t published_ = 0;
  Boiler boilers_[2];
  PumpState pump_ = PumpState::kRunning;
  double pump_left_;            // seconds until its state changes
  double speed_ = 0;            // rpm
  double drift_ = 0;            // rpm
  double bearings_[2];          // °C
  double stroke_ = 0;           // of the press, 0 to 1 and on
  double torque_ = 0;           // of the mixer, around 0
  std::uint64_t mixed_ = 0;     // messages of the mixer
  std::uint64_t sequence_ = 0;  // of its edge node
  bool changeover_ = false;
  double line_left_;  // seconds until the line changes over, or back
};

}  // namespace plotbridge::app
