#include "plugin/app/status_report.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <stdexcept>

namespace plotbridge::app {
namespace {

using Json = nlohmann::json;

// "2026-11-23T16:40:00.123Z"
WallTime time_of(const std::string& text) {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0, millisecond = 0;
  char end = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u.%3u%c", &year, &month, &day,
                               &hour, &minute, &second, &millisecond, &end);
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(day)};
  // A WallTime ends in 2262; and what is written with a sign is a very large number here.
  const bool told_by_a_clock =
      year >= 1970 && year < 2262 && hour < 24 && minute < 60 && second < 61 && millisecond < 1000;
  if (read != 8 || end != 'Z' || !date.ok() || !told_by_a_clock)
    throw std::invalid_argument("\"" + text + "\" is no time");
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) +
         milliseconds(millisecond);
}

StatusReport::Broker broker_of(const Json& json) {
  StatusReport::Broker broker;
  json.at("url").get_to(broker.url);
  json.at("connected").get_to(broker.connected);
  broker.since = time_of(json.at("since"));
  json.at("reconnects").get_to(broker.reconnects);
  if (const Json& problem = json.at("problem"); !problem.is_null()) problem.get_to(broker.problem);
  return broker;
}

StatusReport::Route route_of(const Json& json) {
  StatusReport::Route route;
  json.at("topic").get_to(route.topic);
  for (const auto& [kind, count] : json.at("errors").items()) {
    route.errors += count.get<std::uint64_t>();
    route.kinds += (route.kinds.empty() ? "" : ", ") + kind + ' ' + count.dump();
  }
  if (const Json& last = json.at("last_error"); !last.is_null()) {
    const Json& why = last.at("why");
    route.last = {last.at("error"), why.is_null() ? std::string() : why.get<std::string>(),
                  time_of(last.at("at"))};
  }
  return route;
}

StatusReport::Stream stream_of(const Json& json) {
  StatusReport::Stream stream;
  json.at("name").get_to(stream.name);
  json.at("state").get_to(stream.state);
  stream.since = time_of(json.at("since"));
  json.at("lines_per_second").get_to(stream.lines_per_second);
  json.at("queued").get_to(stream.queued);
  json.at("spooled").get_to(stream.spooled);
  json.at("evictions").get_to(stream.evictions);
  if (const Json& close = json.at("last_close"); !close.is_null()) {
    stream.last_close = {close.at("reason"), close.at("what"), time_of(close.at("at"))};
  }
  if (const Json& last = json.at("last_put_aside"); !last.is_null()) {
    stream.put_aside = {
        json.at("put_aside"), last.at("why"),
        last.at("line").is_null() ? std::string() : last.at("line").get<std::string>(),
        time_of(last.at("at"))};
  }
  return stream;
}

}  // namespace

Result<StatusReport> parse_status(std::string_view json) {
  try {
    const Json answer = Json::parse(json);
    StatusReport report;
    if (const Json& broker = answer.at("broker"); !broker.is_null()) {
      report.broker = broker_of(broker);
    }
    if (const auto spool = answer.find("spool"); spool != answer.end() && !spool->is_null()) {
      report.spool = {spool->at("bytes"), spool->at("oldest_age_seconds"), spool->at("degraded")};
    }
    if (const auto lost = answer.find("messages"); lost != answer.end() && !lost->is_null()) {
      report.messages = {lost->at("unrouted"), lost->at("oversize"), lost->at("poison")};
    }
    if (const auto routes = answer.find("routes"); routes != answer.end()) {
      for (const Json& route : *routes) report.routes.push_back(route_of(route));
    }
    for (const Json& stream : answer.at("streams")) report.streams.push_back(stream_of(stream));
    return report;
  } catch (const std::exception& error) {
    return fail(ErrorKind::kInvalid, error.what());
  }
}

}  // namespace plotbridge::app
