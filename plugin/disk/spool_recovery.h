// What an earlier run left in a spool's directory: its segments, looked at for their version, and
// their records, told to the table. Changes nothing. Not responsible for: the lock and the
// identity. Blocking; one thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/spool_files.h"
#include "plugin/disk/spool_table.h"

#include <cstdint>
#include <string>

namespace plotbridge::disk {

/// kInvalid: a segment is of another version, so that nothing here may be touched.
Result<void> check_segment_versions(SpoolFiles& files, const std::string& directory);

struct SpoolRecovery {
  std::uint64_t next_segment = 1;
  std::uint64_t damaged = 0;  // places that could not be read
};

/// kUnavailable: a segment cannot be opened.
Result<SpoolRecovery> recover_spool(SpoolFiles& files, const std::string& directory,
                                    SpoolTable& table);

}  // namespace plotbridge::disk
