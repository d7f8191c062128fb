#include "plugin/config/schemas_reader.h"

#include "plugin/config/file.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace plotbridge::config {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

/// The path under `key`; empty where there is none, or none that can be read, which was told.
std::string readable_path(const MapReader& map, std::string_view key, const std::string& folder) {
  std::string path;
  if (!map.text(key, path)) return {};
  path = resolve(folder, path);
  const auto bytes = read_file(path, kMostBytes, FileKind::kOrdinary);
  if (bytes) return path;
  map.wrong(key, bytes.error().message);
  return {};
}

decode::ProtoSource read_source(const MapReader& map, const std::string& folder) {
  decode::ProtoSource source;
  for (const auto& [node, path] : map.texts("import_paths")) {
    source.import_paths.push_back(resolve(folder, node->text));
  }
  if (map.has("proto") && map.has("descriptor_set")) {
    map.wrong("descriptor_set", "makes no sense beside `proto`: make it an entry of its own");
    return {};
  }
  if (!map.any() && map.usable()) {
    map.mistakes().add(map.mark(), map.path(), "needs `proto` or `descriptor_set`");
  } else if (map.has("import_paths") && !map.has("proto")) {
    map.wrong("import_paths", "makes no sense without `proto`");
  }
  source.proto = readable_path(map, "proto", folder);
  source.descriptor_set = readable_path(map, "descriptor_set", folder);
  return source;
}

}  // namespace

std::shared_ptr<const decode::ProtoSchemas> read_schemas(const MapReader& config,
                                                         const std::string& folder) {
  const auto maps = config.maps("schemas");
  std::vector<decode::ProtoSource> sources;
  for (const MapReader& map : maps) {
    decode::ProtoSource source = read_source(map, folder);
    if (!source.proto.empty() || !source.descriptor_set.empty()) {
      sources.push_back(std::move(source));
    }
  }
  // Not null where none can be read: the routes would complain that `schemas` is missing.
  if (maps.empty()) return nullptr;
  std::vector<decode::ProtoFlaw> flaws;
  const auto read = [](const std::string& path) -> std::optional<std::string> {
    auto bytes = read_file(path, kMostBytes, FileKind::kOrdinary);
    return bytes ? std::optional(*std::move(bytes)) : std::nullopt;
  };
  auto schemas = decode::ProtoSchemas::load(sources, read, flaws);
  for (const decode::ProtoFlaw& flaw : flaws) {
    config.mistakes().add_in(flaw.file, {std::max(flaw.line, 1), std::max(flaw.column, 1)},
                             "schemas", flaw.what);
  }
  return schemas;
}

}  // namespace plotbridge::config
