#include "plugin/http/time_zones.h"

#include <date/tz.h>

#include <chrono>
#include <exception>

namespace plotbridge::http {
namespace {

constexpr const char* kForm = "%F %T";

// Null: no such zone, or no database.
const date::time_zone* find_zone(std::string_view zone) {
  try {
    return date::locate_zone(zone);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace

std::string local_time(std::string_view zone, WallTime at) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at);
  const date::time_zone* const known = find_zone(zone);
  return known == nullptr ? date::format(kForm, ms) : date::format(kForm, known->to_local(ms));
}

}  // namespace plotbridge::http
