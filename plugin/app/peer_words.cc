#include "plugin/app/peer_words.h"

#include "plugin/base/utf8.h"

#include <algorithm>

namespace plotbridge::app {
namespace {

// Besides ASCII's there are those of U+0080 to U+009F, which terminals obey, too.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  return character.size() == 2 && byte(0) == 0xC2 && byte(1) < 0xA0;
}

}  // namespace

PeerWords::PeerWords(const config::Config& config) {
  for (const config::Stream& stream : config.streams) hide(stream.token, "[token]");
  for (const config::Plot& plot : config.plots) {
    for (const config::Trace& trace : plot.traces) hide(trace.token, "[token]");
  }
  if (config.endpoint) {
    if (config.endpoint->rest) hide(config.endpoint->rest->key, "[key]");
    hide(config.endpoint->proxy.password, "[key]");
  }
  if (config.server) {
    for (const auto& user : config.server->users) hide(user.second, "[key]");
  }
  std::ranges::stable_sort(secrets_, std::ranges::greater(),
                           [](const auto& secret) { return secret.first.reveal().size(); });
}

void PeerWords::hide(const Secret& secret, std::string_view marker) {
  if (!secret.empty()) secrets_.emplace_back(secret, marker);
}

std::string PeerWords::shown(std::string_view words) const {
  std::string out;
  for (std::size_t characters = 0; !words.empty() && characters < kMostCharacters; ++characters) {
    const auto secret = std::ranges::find_if(
        secrets_, [&](const auto& known) { return words.starts_with(known.first.reveal()); });
    if (secret != secrets_.end()) {
      out += secret->second;
      words.remove_prefix(secret->first.reveal().size());
      continue;
    }
    const Utf8Unit unit = first_utf8_unit(words);
    const std::string_view character = words.substr(0, unit.size);
    if (!unit.valid) {
      out += kReplacementCharacter;
    } else if (is_control(character)) {
      out += ' ';
    } else {
      out += character;
    }
    words.remove_prefix(unit.size);
  }
  return out;
}

}  // namespace plotbridge::app
