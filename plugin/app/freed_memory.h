// That memory which one unusual message or request took goes back to the system when it is freed.
// Before the first thread starts.
#pragma once

namespace plotbridge::app {

/// glibc keeps up to 64 MiB of freed blocks once a block of up to 32 MiB was freed: not here.
void return_freed_memory();

}  // namespace plotbridge::app
