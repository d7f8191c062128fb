#include "plugin/config/secret.h"

#include "plugin/config/did_you_mean.h"
#include "plugin/config/file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace plotbridge::config {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;
constexpr std::string_view kSecretForms =
    "expected a text, {file: PATH}, {env: NAME} or {credential: NAME}";

// Where text ends at the first NUL, a part of the secret would do.
constexpr std::string_view kNul = "a secret holds no NUL byte: give it as text";
bool holds_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Result<std::string> from_file(const std::string& path) {
  auto text = read_file(path, kMaxSecretBytes, FileKind::kSecret);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return fail(ErrorKind::kInvalid, path + " is empty");
  return text;
}

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) {
    return fail(ErrorKind::kNotFound, "the environment variable " + name + " is not set");
  }
  if (*value == '\0') {
    return fail(ErrorKind::kInvalid, "the environment variable " + name + " is empty");
  }
  return std::string(value);
}

Result<std::string> from_credential(const std::string& name) {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) {
    return fail(
        ErrorKind::kNotFound,
        "no CREDENTIALS_DIRECTORY: start it by systemd with LoadCredential=" + name + ":FILE");
  }
  if (name.find('/') != std::string::npos) {
    return fail(ErrorKind::kInvalid, "a credential's name holds no /");
  }
  return from_file(std::string(directory) + '/' + name);
}

Result<std::string> from_source(const std::string& source, const std::string& name,
                                const std::string& folder) {
  if (source == "file") return from_file(resolve(folder, name));
  if (source == "env") return from_environment(name);
  return from_credential(name);
}

}  // namespace

std::optional<Secret> read_secret(const Node& node, const std::string& path,
                                  const std::string& folder, Mistakes& mistakes) {
  const auto bad = [&](std::string_view what) {
    mistakes.add(node.mark, path, what);
    return std::nullopt;
  };
  if (node.is_scalar()) {
    if (node.text.empty()) return bad("is empty");
    if (holds_nul(node.text)) return bad(kNul);
    mistakes.note_literal_secret(node.mark, path);
    return Secret(node.text);
  }
  // What stands here is never repeated, not even as an unknown key: {t0ken} is a map, too.
  constexpr std::array<std::string_view, 3> kSources{"file", "env", "credential"};
  if (!node.is_map() || node.items.size() != 1) return bad(kSecretForms);
  const std::string& source = node.keys.front().name;
  if (std::ranges::find(kSources, source) == kSources.end()) {
    return bad(std::string(kSecretForms) + did_you_mean(source, kSources));
  }
  const Node& name = node.items.front();
  if (!name.is_scalar() || name.text.empty()) {
    mistakes.add(name.mark, path + '.' + source, "expected the name of one");
    return std::nullopt;
  }
  auto text = from_source(source, name.text, folder);
  if (text && holds_nul(*text)) text = fail(ErrorKind::kInvalid, std::string(kNul));
  if (!text) {
    mistakes.add(name.mark, path + '.' + source, text.error().message);
    return std::nullopt;
  }
  return Secret(*std::move(text));
}

bool is_usable_token(const Secret& token) {
  const std::string& text = token.reveal();
  return !text.empty() && text.size() <= 1000 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace plotbridge::config
