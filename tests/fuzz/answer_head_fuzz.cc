// Concern: whatever an endpoint answers, its head is read within bounds, and neither credentials of
// a Location nor a token come out of it.
#include "plugin/http/answer_head.h"

#include "tests/fuzz/must_hold.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr WallTime kNow{std::chrono::seconds(1'795'000'000)};
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  http::AnswerHead head;
  std::string_view rest = input;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    if (!head.read(rest.substr(0, end), kNow)) break;
    rest.remove_prefix(end);
  }
  must_hold(head.status() == 0 || head.status() >= 200, "a status is a final one");
  if (head.retry_after()) {
    must_hold(*head.retry_after() >= Duration(0), "nothing lies in the past");
    must_hold(*head.retry_after() <= std::chrono::hours(24), "a wait is bounded");
  }
  must_hold(head.location().find('?') == std::string::npos, "a query is not shown");
  constexpr std::string_view kSecret = "abcdefghij";
  const std::string shown = http::without_secret(input, kSecret, 200);
  must_hold(shown.find(kSecret) == std::string::npos, "a token is not shown");
  must_hold(shown.size() <= 200 + 20, "a text is cut");
  return 0;
}
