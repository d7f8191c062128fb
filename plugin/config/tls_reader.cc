#include "plugin/config/tls_reader.h"

#include "plugin/config/file.h"

namespace plotbridge::config {
namespace {

constexpr std::size_t kMaxPemBytes = std::size_t{4} << 20;

void read_path(const MapReader& tls, std::string_view key, const std::string& folder,
               std::optional<FileKind> check, std::string& out) {
  std::string path;
  if (!tls.text(key, path)) return;
  out = resolve(folder, path);
  if (!check) return;
  if (const auto bytes = read_file(out, kMaxPemBytes, *check); !bytes) {
    const bool both = key == "cert" && *check == FileKind::kSecret;
    tls.wrong(key, bytes.error().message +
                       (both ? "; without `key` this file has to hold the key, too" : ""));
  }
}

}  // namespace

Tls read_tls(const MapReader& tls, const std::string& folder, bool in_use) {
  const auto check = [in_use](FileKind kind) {
    return in_use ? std::optional(kind) : std::nullopt;
  };
  Tls result;
  read_path(tls, "ca", folder, check(FileKind::kOrdinary), result.ca);
  // Without a key of its own the certificate's file holds it.
  const FileKind certificate = tls.has("key") ? FileKind::kOrdinary : FileKind::kSecret;
  read_path(tls, "cert", folder, check(certificate), result.certificate);
  read_path(tls, "key", folder, check(FileKind::kSecret), result.key);
  tls.boolean("verify", result.verify);
  if (tls.has("key") && !tls.has("cert")) tls.wrong("key", "a key needs its certificate: `cert`");
  return result;
}

ServerTls read_server_tls(const MapReader& tls, const std::string& folder) {
  ServerTls result;
  tls.require("cert", "the file, in PEM, of the certificate that clients are shown");
  tls.require("key", "the file, in PEM, of its key");
  read_path(tls, "cert", folder, FileKind::kOrdinary, result.certificate);
  read_path(tls, "key", folder, FileKind::kSecret, result.key);
  return result;
}

}  // namespace plotbridge::config
