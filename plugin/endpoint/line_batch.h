// Lines of many streams as one text: for each stream `TOKEN_BYTES LINES_BYTES\n`, its token, and
// its lines with a newline between two. Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace plotbridge::endpoint {

/// `lines` without a newline at its end.
void append_lines(std::string_view token, std::string_view lines, std::string& batch);

/// Gives each line, oldest first for each stream; false when the text is damaged from some point
/// on, which may show after some were given.
bool for_each_line(std::string_view batch,
                   const std::function<void(std::string_view token, std::string_view line)>& take);

}  // namespace plotbridge::endpoint
