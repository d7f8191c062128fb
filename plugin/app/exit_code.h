// How a command ends, for scripts and for systemd. Names and numbers of sysexits.h where it has
// them.
#pragma once

namespace plotbridge::app {

enum ExitCode : int {
  kExitGood = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitUnavailable = 69,
  kExitTryAgain = 75,
  kExitBadConfig = 78,
};

}  // namespace plotbridge::app
