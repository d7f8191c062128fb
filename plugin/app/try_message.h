// `plotbridge try`: what one message would become, without a broker and without an endpoint. Leaves
// to others: the way itself (pipeline). Main thread.
#pragma once

#include <string>

namespace plotbridge::app {

struct TryOptions {
  std::string config_path;
  std::string topic;
  std::string payload_path = "-";
};

/// Prints STREAM<TAB>LINE for each line that would be written, and on stderr why parts or all of
/// the message give none. Answers the exit code: 1 when there is no line.
int command_try(const TryOptions& options);

}  // namespace plotbridge::app
