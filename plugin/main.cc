// The program: everything is decided in app/cli.
#include "plugin/app/cli.h"

int main(int argc, char** argv) { return plotbridge::app::run_command_line(argc, argv); }
