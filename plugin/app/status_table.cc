#include "plugin/app/status_table.h"

#include "plugin/base/utf8.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <vector>

namespace plotbridge::app {
namespace {

constexpr std::size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

const Row kHead = {"STREAM", "STATE",   "SINCE",     "LINES/S",
                   "QUEUED", "SPOOLED", "EVICTIONS", "LAST REASON"};
// Numbers stand under each other's last digit.
constexpr std::array<bool, kColumns> kToTheRight = {false, false, true, true,
                                                    true,  true,  true, false};
constexpr std::string_view kGap = "  ";
// Of a line that waits; nobody needs to know of more than thirty years.
constexpr double kMostSeconds = 1e9;

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Unit unit = first_utf8_unit(text);
    const std::string_view character = text.substr(0, unit.size);
    const auto first = static_cast<unsigned char>(character[0]);
    const bool c1 =
        character.size() == 2 && first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
    if (!unit.valid) {
      out += kReplacementCharacter;
    } else if (first < 0x20 || first == 0x7F || c1) {
      out += ' ';
    } else {
      out += character;
    }
    text.remove_prefix(unit.size);
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t characters = 0;
  for (; !text.empty(); ++characters) text.remove_prefix(first_utf8_unit(text).size);
  return characters;
}

// The two units that matter: 45s, 3m20s, 2h05m, 4d03h.
std::string age_of(WallTime since, WallTime now) {
  using namespace std::chrono;
  // Two machines' clocks may differ by a little.
  const auto age = std::max<long long>(duration_cast<seconds>(now - since).count(), 0);
  std::array<char, 40> text{};
  if (age < 60) {
    std::snprintf(text.data(), text.size(), "%llds", age);
  } else if (age < 3600) {
    std::snprintf(text.data(), text.size(), "%lldm%02llds", age / 60, age % 60);
  } else if (age < 86'400) {
    std::snprintf(text.data(), text.size(), "%lldh%02lldm", age / 3600, age / 60 % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lldd%02lldh", age / 86'400, age / 3600 % 24);
  }
  return text.data();
}

std::string one_decimal(double number) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

Row row_of(const StatusReport::Stream& stream, WallTime now) {
  std::string reason = "-";
  if (const auto& close = stream.last_close) {
    reason = close->reason + " " + age_of(close->at, now) + " ago: " + close->what;
  }
  return {printable(stream.name),           printable(stream.state),
          age_of(stream.since, now),        one_decimal(stream.lines_per_second),
          std::to_string(stream.queued),    std::to_string(stream.spooled),
          std::to_string(stream.evictions), printable(reason)};
}

void append_row(const Row& row, const std::array<std::size_t, kColumns>& widths, std::string& out) {
  for (std::size_t i = 0; i < kColumns; ++i) {
    const std::string space(widths[i] - width_of(row[i]), ' ');
    if (i > 0) out += kGap;
    if (kToTheRight[i]) out += space;
    out += row[i];
    if (!kToTheRight[i] && i + 1 < kColumns) out += space;
  }
  out += '\n';
}

// Lines that the endpoint refused: what an operator has to look at.
std::string put_aside_lines(const StatusReport& report, WallTime now) {
  std::string text;
  for (const StatusReport::Stream& stream : report.streams) {
    if (!stream.put_aside) continue;
    const StatusReport::PutAside& aside = *stream.put_aside;
    text += printable(stream.name + ": " + std::to_string(aside.lines) +
                      (aside.lines == 1 ? " line" : " lines") + " put aside, the last " +
                      age_of(aside.at, now) + " ago: " + aside.why +
                      (aside.line.empty() ? "" : ": " + aside.line)) +
            '\n';
  }
  return text;
}

std::string number_of(std::uint64_t number, std::string_view one, std::string_view many) {
  return std::to_string(number) + ' ' + std::string(number == 1 ? one : many);
}

// One line for each route that could not make lines of all that came.
std::string route_lines(const StatusReport& report, WallTime now) {
  constexpr std::size_t kWhyShown = 400;
  std::string text;
  for (const StatusReport::Route& route : report.routes) {
    if (route.errors == 0) continue;
    std::string line = "route " + route.topic + ": " + number_of(route.errors, "error", "errors") +
                       " (" + route.kinds + ")";
    if (route.last) {
      line += ", the last " + age_of(route.last->at, now) + " ago: " + route.last->kind;
      if (!route.last->why.empty()) {
        const std::string_view shown = whole_characters(route.last->why, kWhyShown);
        line += ": " + std::string(shown);
        if (shown.size() < route.last->why.size()) line += "...";
      }
    }
    text += printable(line) + '\n';
  }
  return text;
}

std::string messages_line(const std::optional<StatusReport::Messages>& messages) {
  if (!messages) return "";
  std::string text;
  const auto add = [&text](std::uint64_t number, std::string_view what) {
    if (number == 0) return;
    text += (text.empty() ? "messages: " : ", ") + std::to_string(number) + ' ' + std::string(what);
  };
  add(messages->unrouted, "without a route or stream");
  add(messages->oversize, "larger than broker.max_payload");
  add(messages->poison, "times past a limit of one message");
  return text.empty() ? text : text + '\n';
}

std::string broker_line(const std::optional<StatusReport::Broker>& broker, WallTime now) {
  if (!broker) return "no broker is configured\n";
  std::string text = "broker " + broker->url + (broker->connected ? ": connected" : ": away") +
                     " for " + age_of(broker->since, now) + ", " +
                     number_of(broker->reconnects, "reconnect", "reconnects");
  if (!broker->problem.empty()) text += "; " + broker->problem;
  return printable(text) + '\n';
}

std::string spool_line(const std::optional<StatusReport::Spool>& spool) {
  if (!spool) return "";
  std::string text =
      "spool: " + one_decimal(static_cast<double>(spool->bytes) / (1 << 20)) + " MiB";
  if (spool->oldest_age_seconds > 0) {
    const auto age = std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::min(spool->oldest_age_seconds, kMostSeconds)));
    text += ", the oldest line waits for " + age_of(WallTime(), WallTime() + age);
  }
  if (spool->degraded) text += "; its disk fails, the log says why";
  return text + '\n';
}

}  // namespace

std::string status_table(const StatusReport& report, WallTime now) {
  const std::string tail = route_lines(report, now) + messages_line(report.messages) +
                           spool_line(report.spool) + broker_line(report.broker, now);
  if (report.streams.empty()) return "no streams are configured\n" + tail;
  std::vector<Row> rows = {kHead};
  for (const StatusReport::Stream& stream : report.streams) rows.push_back(row_of(stream, now));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const Row& row : rows) append_row(row, widths, out);
  return out + '\n' + put_aside_lines(report, now) + tail;
}

}  // namespace plotbridge::app
