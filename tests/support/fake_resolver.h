// The program's getaddrinfo, under a test's control: names that end in .test, libcurl's look-ups
// included. Every other name goes to the system. Any thread.
#pragma once

#include <string>
#include <vector>

namespace plotbridge::test {

class FakeResolver {
 public:
  /// From now on `name` has these addresses, of IPv4 or IPv6; none: it is unknown.
  static void set(const std::string& name, std::vector<std::string> addresses);
  /// How often `name` was looked up since `set`.
  static int lookups(const std::string& name);
  /// Look-ups of such names wait while they are held.
  static void hold(bool held);
};

}  // namespace plotbridge::test
