// The command line: which command, with which options, and the exit code. Main thread.
#pragma once

namespace plotbridge::app {

/// 0 good, 1 failure, 2 usage, 69 cannot reach or bind, 75 try again, 78 bad configuration.
int run_command_line(int argc, char** argv);

}  // namespace plotbridge::app
