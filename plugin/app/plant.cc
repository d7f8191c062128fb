#include "plugin/app/plant.h"

#include <algorithm>
#include <charconv>

namespace plotbridge::app {
namespace {

using Seconds = std::chrono::duration<double>;

// Small against every time constant below.
constexpr double kStep = 0.1;
constexpr Seconds kLongestGap{60};
constexpr std::uint64_t kMessagesPerState = 21;

constexpr double kAmbient = 22;         // °C
constexpr double kNominalSpeed = 1480;  // rpm
constexpr double kNominalPower = 11;    // kW

/// Moves `value` towards `target` as a first-order system does.
void approach(double& value, double target, double time_constant, double seconds) {
  value += (target - value) * std::min(1.0, seconds / time_constant);
}

std::string decimals(double value, int places) {
  char text[32];
  const auto result =
      std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, places);
  return {text, result.ptr};
}

double power(double speed) {
  const double share = speed / kNominalSpeed;
  return kNominalPower * share * share * share;
}

}  // namespace

Plant::Plant(std::uint64_t seed, WallTime start)
    : random_(seed),
      now_(start),
      boilers_{{uniform(72, 84), 2.5}, {uniform(72, 84), 2.5}},
      pump_left_(uniform(20, 40)),
      bearings_{uniform(35, 45), uniform(35, 45)},
      line_left_(uniform(15, 30)) {}

PlantMessage Plant::next(WallTime now) {
  advance(now);
  const std::uint64_t turn = published_++ % kMessagesPerState;
  if (turn == kMessagesPerState - 1) return {"plant/line1/state", line_state(), true};
  // A sensor's own noise: the last digit flickers.
  const double noise = uniform(-0.02, 0.02);
  switch (turn % 4) {
    case 0:
      return {"plant/line1/boiler/1/temperature", decimals(boilers_[0].temperature + noise, 2)};
    case 1:
      return {"plant/line1/boiler/1/pressure", decimals(boilers_[0].pressure + noise / 10, 3)};
    case 2:
      return {"plant/line1/boiler/2/temperature", decimals(boilers_[1].temperature + noise, 2)};
    default:
      return telemetry(now);
  }
}

void Plant::advance(WallTime now) {
  double left = std::clamp(Seconds(now - now_), Seconds(0), kLongestGap).count();
  now_ = std::max(now_, now);
  for (; left > 0; left -= kStep) step(std::min(left, kStep));
}

void Plant::step(double seconds) {
  for (Boiler& boiler : boilers_) step(boiler, seconds);
  step_pump(seconds);
  line_left_ -= seconds;
  if (line_left_ <= 0) {
    changeover_ = !changeover_;
    line_left_ = changeover_ ? uniform(5, 10) : uniform(20, 40);
  }
}

// A thermostat with a dead band: about half a minute up, half a minute down.
void Plant::step(Boiler& boiler, double seconds) {
  if (boiler.temperature > 82) boiler.burning = false;
  if (boiler.temperature < 74) boiler.burning = true;
  approach(boiler.load, uniform(-40, 40), 8, seconds);
  approach(boiler.temperature, (boiler.burning ? 95 : 60) - boiler.load, 40, seconds);
  approach(boiler.pressure, 2.4 + 0.09 * (boiler.temperature - 74), 4, seconds);
}

void Plant::step_pump(double seconds) {
  pump_left_ -= seconds;
  if (pump_left_ <= 0) {
    if (pump_ != PumpState::kRunning) {
      pump_ = PumpState::kRunning;
      pump_left_ = uniform(25, 50);
    } else {
      pump_ = uniform(0, 1) < 0.25 ? PumpState::kTripped : PumpState::kIdle;
      pump_left_ = uniform(5, 9);
    }
  }
  approach(drift_, uniform(-120, 120), 5, seconds);
  const bool running = pump_ == PumpState::kRunning;
  approach(speed_, running ? kNominalSpeed + drift_ : 0, running ? 2.5 : 1.5, seconds);
  for (int i = 0; i < 2; ++i) {
    approach(bearings_[i], kAmbient + (3.4 + 0.3 * i) * power(speed_), 30, seconds);
  }
}

PlantMessage Plant::telemetry(WallTime now) const {
  const char* state = "RUNNING";
  if (pump_ == PumpState::kIdle) state = "IDLE";
  if (pump_ == PumpState::kTripped) state = "TRIPPED";
  const auto ts = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  return {"plant/line1/pump/7/telemetry",
          "{\"ts\":" + std::to_string(ts) + ",\"rpm\":" + decimals(speed_, 0) + ",\"power_kw\":" +
              decimals(power(speed_), 2) + ",\"bearing\":{\"temp\":[" + decimals(bearings_[0], 1) +
              "," + decimals(bearings_[1], 1) + "]},\"state\":\"" + state + "\"}"};
}

std::string Plant::line_state() const {
  if (pump_ == PumpState::kTripped) return "STOPPED";
  return changeover_ ? "CHANGEOVER" : "PRODUCING";
}

double Plant::uniform(double low, double high) {
  // Not the standard's distribution, whose numbers differ between libraries.
  return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
}

}  // namespace plotbridge::app
