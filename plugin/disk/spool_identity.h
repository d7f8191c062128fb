// Who this spool is to an endpoint: a producer, made up once, and an epoch that is greater at each
// start; how its clock goes, and whether the endpoint acknowledges lines. Not responsible for: what
// an endpoint does with it, and the clock. Blocking; one thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/spool_files.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::disk {

struct SpoolIdentity {
  std::string producer;  // a UUID
  std::uint32_t epoch = 0;
  std::chrono::milliseconds clock_behind{0};  // see SpoolClock
  bool endpoint_acknowledges = false;         // as it was the last time that it answered
  bool kept = true;                           // false: the disk has not taken it
};

/// What a file says. Reading it costs no more than its bytes, of which there are 1,024 at most.
struct KeptIdentity {
  std::uint32_t version = 0;
  std::optional<SpoolIdentity> identity;  // nothing: of another version, or not one
};
/// Nothing: damaged.
std::optional<KeptIdentity> parse_identity(std::string_view text);
std::string to_text(const SpoolIdentity& identity);

/// kInvalid: `spool.identity` was written by a newer version; it is left as it is.
Result<void> check_identity_version(SpoolFiles& files, const std::string& directory);
/// Begins the next epoch of the spool in `directory`; damaged or missing, it is a new one. A disk
/// that does not keep it is told in the log. `power`: it survives a power cut. `empty`: nothing
/// waits there, so that its clock begins anew.
SpoolIdentity next_epoch(SpoolFiles& files, const std::string& directory, bool power, bool empty);
/// In the place of what the file says. False: the disk does not keep it, see errno.
bool save_identity(SpoolFiles& files, const std::string& directory, const SpoolIdentity& identity,
                   bool power);

}  // namespace plotbridge::disk
