#include "plugin/app/try_message.h"

#include "plugin/app/exit_code.h"
#include "plugin/app/pipeline.h"
#include "plugin/base/clock.h"
#include "plugin/config/yaml_loader.h"
#include "plugin/disk/birth_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace plotbridge::app {
namespace {

/// Up to one byte more than `most`.
std::optional<std::string> read_all(std::istream& in, std::size_t most) {
  std::string text;
  std::array<char, 4096> piece;
  while (text.size() <= most) {
    in.read(piece.data(), std::min(piece.size(), most + 1 - text.size()));
    if (in.gcount() == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
  }
  return in.bad() ? std::nullopt : std::optional(std::move(text));
}

std::optional<std::string> read_payload(const std::string& path, std::size_t most) {
  if (path == "-") return read_all(std::cin, most);
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return read_all(file, most);
}

/// Why there is no line, on standard error; what each row has in common is told once.
class Reasons {
 public:
  ~Reasons() { tell_repeats(); }
  void add(std::string text) {
    if (text == last_) {
      ++repeats_;
      return;
    }
    tell_repeats();
    std::cerr << "plotbridge try: " << text << '\n';
    last_ = std::move(text);
  }
  bool empty() const { return last_.empty(); }

 private:
  void tell_repeats() {
    if (repeats_ > 0) std::cerr << "plotbridge try: the same " << repeats_ << " more times\n";
    repeats_ = 0;
  }

  std::string last_;
  std::size_t repeats_ = 0;
};

}  // namespace

int command_try(const TryOptions& options) {
  const config::Loaded loaded = config::load_file(options.config_path);
  for (const config::Mistake& mistake : loaded.mistakes) std::cerr << mistake.to_string() << '\n';
  if (!loaded.mistakes.empty()) return kExitBadConfig;
  const config::Config& config = loaded.config;
  const std::size_t most =
      config.broker ? config.broker->max_payload : config::Broker().max_payload;
  errno = 0;
  const auto payload = read_payload(options.payload_path, most);
  if (!payload) {
    std::cerr << "plotbridge try: cannot read the payload " << options.payload_path << ": "
              << std::strerror(errno) << '\n';
    return kExitFailure;
  }
  if (payload->size() > most) {
    std::cerr << "plotbridge try: the payload has more than " << most
              << " bytes (broker.max_payload): the daemon drops it\n";
    return kExitFailure;
  }

  std::size_t lines = 0;
  Pipeline pipeline(config, [&](std::size_t stream, const Line& line, const Arrival&) {
    std::cout << config.streams[stream].name << '\t' << line.bytes;
    ++lines;
  });
  Reasons reasons;
  pipeline.explain([&](std::string_view route, const std::string& why) {
    reasons.add(route.empty() ? why : "route " + std::string(route) + ": " + why);
  });
  if (config.spool) {
    // Those that the daemon kept, so that aliases have their names here, too.
    disk::BirthStore(config.spool->directory)
        .load([&](const std::string& topic, const std::string& birth) {
          pipeline.remember_birth(topic, birth);
        });
  }
  Message message;
  message.topic = options.topic;
  message.payload = *payload;
  message.received_at = wall_now();
  message.received_mono = steady_now();
  pipeline.take(message);
  if (lines == 0 && reasons.empty()) {
    std::cerr << "plotbridge try: the payload has no element, row or metric to write\n";
  }
  return lines > 0 ? kExitGood : kExitFailure;
}

}  // namespace plotbridge::app
