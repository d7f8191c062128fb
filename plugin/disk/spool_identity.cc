#include "plugin/disk/spool_identity.h"

#include "plugin/base/crc32c.h"
#include "plugin/base/log.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string_view>

namespace plotbridge::disk {
namespace {

// A file of any version begins with the first of these and ends with the last.
constexpr std::string_view kMark = "plotbridge spool identity ";
constexpr std::string_view kChecksum = "crc32c ";
constexpr std::size_t kMostBytes = 1024;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kUuidLetters = 36;
// 10,000 years: beyond, sums of times would not fit.
constexpr std::int64_t kMostBehindMs = 315'569'520'000'000;

std::string path_in(const std::string& directory) { return directory + "/spool.identity"; }

std::string checksum_line(std::string_view text) {
  char line[32];
  std::snprintf(line, sizeof line, "%s%08x\n", kChecksum.data(), crc32c(text));
  return line;
}

/// Takes `name` and what follows up to the line's end from `text`.
std::optional<std::string_view> take_line(std::string_view name, std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with(name) || end == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return value;
}

template <class Number = std::uint32_t>
std::optional<Number> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  Number value = 0;
  const auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || stop != text->data() + text->size()) return std::nullopt;
  return value;
}

/// What the producer of a request's head may be, and no byte more.
bool is_uuid(std::string_view text) {
  if (text.size() != kUuidLetters) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (hyphen ? text[i] != '-' : !digit) return false;
  }
  return true;
}

/// Nothing: missing or damaged.
std::optional<KeptIdentity> load(SpoolFiles& files, const std::string& directory) {
  const OpenFile file(files.open(path_in(directory), O_RDONLY));
  if (!file.is_open()) return std::nullopt;
  char bytes[kMostBytes];
  const ssize_t size = files.pread(file.get(), bytes, sizeof bytes, 0);
  if (size < 0) return std::nullopt;
  return parse_identity({bytes, static_cast<std::size_t>(size)});
}

/// Of the random kind (RFC 9562, version 4).
std::string make_uuid() {
  std::random_device random;
  std::uint32_t bits[4];
  for (std::uint32_t& word : bits) word = random();
  bits[1] = (bits[1] & 0xffff0fff) | 0x00004000;
  bits[2] = (bits[2] & 0x3fffffff) | 0x80000000;
  char text[kUuidLetters + 1];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%04x%08x", bits[0], bits[1] >> 16,
                bits[1] & 0xffff, bits[2] >> 16, bits[2] & 0xffff, bits[3]);
  return text;
}

}  // namespace

std::optional<KeptIdentity> parse_identity(std::string_view text) {
  const std::size_t end = text.rfind(kChecksum);
  if (end == std::string_view::npos) return std::nullopt;
  if (text.substr(end) != checksum_line(text.substr(0, end))) return std::nullopt;
  const auto version = number(take_line(kMark, text));
  if (!version) return std::nullopt;
  KeptIdentity kept{*version, {}};
  const auto producer = take_line("producer ", text);
  const auto epoch = number(take_line("epoch ", text));
  if (!producer || !is_uuid(*producer) || !epoch) return kept;
  const auto line = take_line("clock_behind_ms ", text);
  const auto behind = line ? number<std::int64_t>(line) : 0;
  if (!behind || *behind < -kMostBehindMs || *behind > kMostBehindMs) return kept;
  const auto said = take_line("endpoint_acknowledges ", text);
  const auto acknowledges = said ? number(said) : 0;
  if (!acknowledges || *acknowledges > 1) return kept;
  kept.identity = SpoolIdentity{std::string(*producer), *epoch, std::chrono::milliseconds(*behind),
                                *acknowledges == 1, true};
  return kept;
}

std::string to_text(const SpoolIdentity& identity) {
  std::string text = std::string(kMark) + std::to_string(kVersion) + "\nproducer " +
                     identity.producer + "\nepoch " + std::to_string(identity.epoch) + '\n';
  if (const auto behind = identity.clock_behind.count(); behind != 0) {
    text += "clock_behind_ms " + std::to_string(behind) + '\n';
  }
  if (identity.endpoint_acknowledges) text += "endpoint_acknowledges 1\n";
  return text + checksum_line(text);
}

Result<void> check_identity_version(SpoolFiles& files, const std::string& directory) {
  const auto kept = load(files, directory);
  if (!kept || kept->version <= kVersion) return {};
  return fail(ErrorKind::kInvalid, "the spool " + directory + " is of a newer plotbridge (" +
                                       path_in(directory) + " has version " +
                                       std::to_string(kept->version) +
                                       "): run that one, or name another spool.directory");
}

SpoolIdentity next_epoch(SpoolFiles& files, const std::string& directory, bool power, bool empty) {
  SpoolIdentity identity;
  const auto kept = load(files, directory);
  if (kept && kept->identity && kept->identity->epoch < std::numeric_limits<std::uint32_t>::max()) {
    identity = *kept->identity;
  } else {
    identity.producer = make_uuid();
    if (OpenFile(files.open(path_in(directory), O_RDONLY)).is_open()) {
      log::warning(
          "the spool's identity is damaged and made anew: an endpoint may get lines twice that it "
          "had not acknowledged",
          {{"file", path_in(directory)}, {"hint", "look at the disk: dmesg, smartctl"}});
    }
  }
  ++identity.epoch;
  if (empty) identity.clock_behind = {};
  identity.kept = save_identity(files, directory, identity, power);
  if (!identity.kept) {
    log::warning(
        "the spool's identity cannot be written: after the next start an endpoint may "
        "take lines for known ones, or for new",
        {{"file", path_in(directory)}, {"why", std::strerror(errno)}});
  }
  return identity;
}

bool save_identity(SpoolFiles& files, const std::string& directory, const SpoolIdentity& identity,
                   bool power) {
  const std::string text = to_text(identity);
  const std::string draft = path_in(directory) + ".new";
  {
    const OpenFile file(files.open(draft, O_WRONLY | O_CREAT | O_TRUNC));
    if (!file.is_open()) return false;
    const ssize_t wrote = files.pwrite(file.get(), text.data(), text.size(), 0);
    if (wrote != static_cast<ssize_t>(text.size())) {
      if (wrote >= 0) errno = ENOSPC;
      return false;
    }
    if (power && files.fdatasync(file.get()) != 0) return false;
  }
  if (files.rename(draft, path_in(directory)) != 0) return false;
  return !power || files.sync_directory(directory) == 0;
}

}  // namespace plotbridge::disk
