// The file of the endpoint's state, as the file system has it: whose it is, who may read it, what
// lies beside it. Not responsible for: what is in it (plot_store). Blocking; any thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/spool_files.h"

#include <cstdint>
#include <string>

namespace plotbridge::disk {

/// "plbr", in the header of the file.
inline constexpr std::uint64_t kStateApplication = 0x706c6272;

/// Makes it where there is none, readable by its owner only, looks whether it may be ours, and
/// takes it for one process, as long as what it returns is open; changes nothing of a file that is
/// there. kBusy: another process has it; kInvalid: it is somebody else's, or a link; kDiskFails,
/// kUnavailable: it cannot be opened.
Result<OpenFile> claim_state_file(const std::string& path);
/// The error of a state that another process has.
tl::unexpected<Error> in_use(const std::string& path);
/// Tokens are in it: makes it, and what an older run left beside it, its owner's alone. Once it is
/// known to be ours, and SQLite may have it open.
Result<void> make_state_private(const std::string& path);
/// The name of a new file then outlives a power cut. False: errno says why.
bool sync_directory_of(const std::string& path);
/// The same file by a directory without links, which SQLite would refuse, too, with NOFOLLOW.
std::string behind_links(const std::string& path);
/// Renames it, and what lies beside it, to `PATH.damaged-N`, its owner's alone, with an error in
/// the log. kDiskFails, kUnavailable: it cannot be renamed.
Result<void> put_state_aside(const std::string& path);

/// kDiskFails: full, read-only or failing; else kUnavailable.
ErrorKind kind_of_disk_error(int system_error);

}  // namespace plotbridge::disk
