#include "tests/support/fake_resolver.h"

#include <dlfcn.h>
#include <netdb.h>

#include <condition_variable>
#include <map>
#include <mutex>

namespace plotbridge::test {
namespace {

using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

struct Name {
  std::vector<std::string> addresses;
  int lookups = 0;
};
// libcurl's threads may still look names up when the program ends, so these are never destroyed.
std::mutex& mutex = *new std::mutex;
std::condition_variable& let_go = *new std::condition_variable;
std::map<std::string, Name>& names = *new std::map<std::string, Name>;
bool held = false;

int ask_system(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  static const auto system = reinterpret_cast<Lookup>(::dlsym(RTLD_NEXT, "getaddrinfo"));
  return system(node, service, hints, found);
}

int look_up(const char* node, const char* service, const addrinfo* hints, addrinfo** found) {
  std::unique_lock lock(mutex);
  const auto known = names.find(node);
  if (known == names.end()) {
    lock.unlock();
    return ask_system(node, service, hints, found);
  }
  ++known->second.lookups;
  let_go.wait(lock, [] { return !held; });
  *found = nullptr;
  addrinfo** tail = found;
  for (const std::string& address : known->second.addresses) {
    if (const int error = ask_system(address.c_str(), service, hints, tail)) return error;
    while (*tail != nullptr) tail = &(*tail)->ai_next;
  }
  return *found == nullptr ? EAI_NONAME : 0;
}

}  // namespace

void FakeResolver::set(const std::string& name, std::vector<std::string> addresses) {
  const std::lock_guard lock(mutex);
  names[name] = {std::move(addresses), 0};
}

int FakeResolver::lookups(const std::string& name) {
  const std::lock_guard lock(mutex);
  return names[name].lookups;
}

void FakeResolver::hold(bool hold_them) {
  const std::lock_guard lock(mutex);
  held = hold_them;
  let_go.notify_all();
}

}  // namespace plotbridge::test

// The linker lets a program's own getaddrinfo stand before the library's for all that is loaded.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (node == nullptr) return plotbridge::test::ask_system(node, service, hints, found);
  return plotbridge::test::look_up(node, service, hints, found);
}
