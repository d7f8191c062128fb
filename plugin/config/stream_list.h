// The streams of a `from_file`: CSV with a header of name, token and perhaps max_rate, in any
// order. Leaves to others: reading the file. Never repeats a token. Any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/mistakes.h"
#include "plugin/config/stream_table.h"

#include <optional>
#include <string>
#include <string_view>

namespace plotbridge::config {

inline constexpr std::size_t kMaxStreamListBytes = std::size_t{16} << 20;

/// Adds one stream for each row: `shared` with the row's own name, token and rate. Mistakes stand
/// at their place in `file`.
void read_stream_list(std::string_view text, const std::string& file, const Stream& shared,
                      std::optional<double> most_rate, StreamTable& table, Mistakes& mistakes);

}  // namespace plotbridge::config
