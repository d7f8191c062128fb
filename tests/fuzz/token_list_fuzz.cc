// Concern: any file named by `from_file` gives streams or mistakes with a place in it; no token is
// repeated, and what is read is never more than what stands there.
#include "plugin/config/secret.h"
#include "plugin/config/stream_list.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  config::StreamTable table;
  config::Mistakes mistakes("plotbridge.yaml");
  config::read_stream_list(text, "tokens.csv", {}, 20.0, table, mistakes);
  table.check(mistakes);
  const auto told = mistakes.take();
  const auto streams = table.take();
  must_hold(told.size() <= 1001, "mistakes are bounded");
  std::size_t bytes = 0;
  for (const config::Stream& stream : streams) bytes += stream.name.size();
  must_hold(bytes <= size, "names are no longer than the file");
  for (const config::Mistake& mistake : told) {
    must_hold(mistake.line >= 1 && mistake.column >= 1, "a mistake has a place");
    must_hold(mistake.message.size() <= 2000, "a mistake is short");
  }
  if (!told.empty()) return 0;
  for (const config::Stream& stream : streams) {
    must_hold(config::is_usable_token(stream.token), "a token fits into a header");
    must_hold(!stream.max_rate || (*stream.max_rate > 0 && *stream.max_rate <= 20),
              "a rate is within its limits");
  }
  return 0;
}
