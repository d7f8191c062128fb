// Where secrets come from: a literal, {file: P}, {env: N} or {credential: N}. Leaves to others:
// what a secret must look like. Nothing it tells holds the secret. Reads files and the environment;
// any thread.
#pragma once

#include "plugin/config/mistakes.h"
#include "plugin/config/node.h"
#include "plugin/model/secret.h"

#include <optional>
#include <string>

namespace plotbridge::config {

/// The secret that `node` names, not empty; nothing when that was told. Relative files start at
/// `folder`.
std::optional<Secret> read_secret(const Node& node, const std::string& path,
                                  const std::string& folder, Mistakes& mistakes);

/// Whether `token` can stand in an HTTP header: 1 to 1,000 visible ASCII characters.
bool is_usable_token(const Secret& token);
inline constexpr std::string_view kTokenRule =
    "a token is 1 to 1000 visible ASCII characters without spaces";

}  // namespace plotbridge::config
