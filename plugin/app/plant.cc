#include "plugin/app/plant.h"

#include "plugin/base/proto_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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
constexpr double kStrokeSeconds = 8;
constexpr double kPi = 3.14159265358979323846;

// Between two births of the mixer's edge node: whoever came late knows its names then.
constexpr std::uint64_t kMessagesPerBirth = 100;

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
  switch (turn % 6) {
    case 0:
      return {"plant/line1/boiler/1/temperature", decimals(boilers_[0].temperature + noise, 2)};
    case 1:
      return {"plant/line1/boiler/1/pressure", decimals(boilers_[0].pressure + noise / 10, 3)};
    case 2:
      return {"plant/line1/boiler/2/temperature", decimals(boilers_[1].temperature + noise, 2)};
    case 3:
      return telemetry(now);
    case 4:
      return press(now);
    default:
      return mixer(now);
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
  stroke_ = std::fmod(stroke_ + seconds / kStrokeSeconds, 1);
  approach(torque_, uniform(-20, 20), 4, seconds);
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

PlantMessage Plant::press(WallTime now) const {
  const double closed = (1 - std::cos(2 * kPi * stroke_)) / 2;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  ProtoWriter at;
  at.number(1, static_cast<std::uint64_t>(seconds.time_since_epoch().count()));
  at.number(2, static_cast<std::uint64_t>((now - seconds).count()));
  ProtoWriter temperatures;
  for (const double bearing : bearings_) temperatures.packed(bearing);
  ProtoWriter message;
  message.text(1, at.bytes()).text(2, "press-2");
  message.real(3, 600 * std::pow(closed, 6)).real(4, 320 * (1 - closed));
  message.number(5, stroke_ < 0.5 ? 1 : 2).text(6, temperatures.bytes());
  return {"plant/line1/press/2/telemetry", message.bytes()};
}

PlantMessage Plant::mixer(WallTime now) {
  const bool birth = mixed_++ % kMessagesPerBirth == 0;
  sequence_ = birth ? 0 : (sequence_ + 1) % 256;
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
  constexpr std::uint64_t kDouble = 10;
  constexpr std::uint64_t kUInt64 = 8;
  ProtoWriter message;
  message.number(1, ms);
  if (birth) {
    ProtoWriter bd_seq;
    bd_seq.text(1, "bdSeq").number(3, ms).number(4, kUInt64).number(11, 0);
    message.text(2, bd_seq.bytes());
  }
  const auto metric = [&](const char* name, std::uint64_t alias, double value) {
    ProtoWriter writer;
    if (birth) writer.text(1, name);
    writer.number(2, alias).number(3, ms);
    if (birth) writer.number(4, kDouble);
    message.text(2, writer.real(13, value).bytes());
  };
  metric("Mixer/Speed", 0, changeover_ ? 20 : 60 + torque_ / 10);
  metric("Mixer/Torque", 1, (changeover_ ? 40 : 180) + torque_);
  message.number(3, sequence_);
  return {birth ? "spBv1.0/plant/NBIRTH/line1" : "spBv1.0/plant/NDATA/line1", message.bytes()};
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
