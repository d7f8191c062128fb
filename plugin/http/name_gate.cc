#include "plugin/http/name_gate.h"

#include <chrono>
#include <utility>

namespace plotbridge::http {
namespace {

using namespace std::chrono_literals;

constexpr Duration kKnownFor = 1s;

}  // namespace

bool NameGate::admit(const std::string& name, Dial& dial, TimePoint now) {
  Name& entry = names_[name];
  if (entry.asking == nullptr) {
    if (now >= entry.known_until) entry.asking = &dial;
    return true;
  }
  entry.waiting.push_back(&dial);
  return false;
}

void NameGate::let_in(Name& name) {
  name.asking = nullptr;
  admitted_.insert(admitted_.end(), name.waiting.begin(), name.waiting.end());
  name.waiting.clear();
}

void NameGate::resolved(const std::string& name, const Dial& dial, TimePoint now) {
  Name& entry = names_[name];
  if (entry.asking != &dial) return;
  entry.known_until = now + kKnownFor;
  let_in(entry);
}

void NameGate::failed(const std::string& name, const Dial& dial, const std::string& why) {
  Name& entry = names_[name];
  if (entry.asking != &dial) return;
  entry.asking = nullptr;
  // libcurl keeps no failures: each of these would ask again, one after the other.
  for (Dial* other : std::exchange(entry.waiting, {})) other->on_name_unknown(why);
}

void NameGate::forget(const std::string& name, const Dial& dial) {
  std::erase(admitted_, &dial);
  Name& entry = names_[name];
  std::erase(entry.waiting, &dial);
  if (entry.asking != &dial) return;
  entry.asking = nullptr;
  if (entry.waiting.empty()) return;
  // The next one asks, and the others go on waiting for it.
  Dial* next = entry.waiting.front();
  entry.waiting.erase(entry.waiting.begin());
  entry.asking = next;
  admitted_.push_back(next);
}

void NameGate::start_admitted() {
  // Starting may end other dials, which are then no longer admitted.
  while (!admitted_.empty()) {
    Dial* dial = admitted_.back();
    admitted_.pop_back();
    dial->start();
  }
}

}  // namespace plotbridge::http
