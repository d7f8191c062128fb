// The `tls` block of a client connection or of a server. Leaves to others: loading certificates.
// Reads files only to see that they can be read; any thread.
#pragma once

#include "plugin/config/config.h"
#include "plugin/config/map_reader.h"

#include <string>

namespace plotbridge::config {

/// `in_use`: whether the connection is encrypted, so that files must be there; a key must not be
/// everybody's.
Tls read_tls(const MapReader& tls, const std::string& folder, bool in_use);
/// But for `listen`. Both files must be there.
ServerTls read_server_tls(const MapReader& tls, const std::string& folder);

}  // namespace plotbridge::config
