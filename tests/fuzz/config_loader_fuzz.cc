// Concern: any file gives either a configuration or mistakes with a place in it, never a crash.
// Files that a configuration names are not there.
#include "plugin/config/yaml_loader.h"

#include "tests/fuzz/must_hold.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace plotbridge;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const config::Loaded loaded = config::load_text(text, "/nowhere/plotbridge.yaml");
  must_hold(loaded.mistakes.size() <= 1001, "mistakes are bounded");
  for (const config::Mistake& mistake : loaded.mistakes) {
    must_hold(mistake.line >= 1 && mistake.column >= 1, "a mistake has a place");
    must_hold(!mistake.to_string().empty(), "a mistake says what is wrong");
  }
  return 0;
}
