// That memory which one unusual message or request took goes back to the system when it is freed.
#pragma once

namespace plotbridge::app {

/// glibc keeps up to 64 MiB of freed blocks once a block of up to 32 MiB was freed: not after this.
/// Before the first thread starts.
void keep_little_freed_memory();
/// Gives back pages that are free between small blocks, of which many were freed. Takes
/// milliseconds; any thread.
void give_freed_memory_back();

}  // namespace plotbridge::app
