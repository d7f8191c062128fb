// Why a server refused or ended a connection, or a request, for a limit's sake. A value; any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace plotbridge::http {

enum class ConnectionEnd : std::uint8_t {
  kConnections,  // as many are open as there may be
  kDescriptors,  // the rest of the process needs the descriptors that are left
  kUnproved,     // the oldest of those without token or key, which are as many as there may be
  kPeer,         // the same, of one address
  kMemory,       // what all of them may hold together is used up
  kSlowHead,
  kSlowBody,
  kSlowReader,
  kWatchers,   // the oldest of the pages that draw live
  kOtherSite,  // a page of another origin asked for it
  kFailure,    // an exception: memory was short, or a bug
};
inline constexpr std::size_t kConnectionEnds = 11;

/// A word for logs and metric labels.
constexpr std::string_view name_of(ConnectionEnd end) {
  constexpr std::array<std::string_view, kConnectionEnds> kNames = {
      "connections", "descriptors", "unproved", "peer",       "memory", "slow_head",
      "slow_body",   "slow_reader", "watchers", "other_site", "failure"};
  return kNames[static_cast<std::size_t>(end)];
}

}  // namespace plotbridge::http
