#include "plugin/base/log.h"

#include "plugin/base/log_writer.h"
#include "plugin/base/utf8.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

namespace plotbridge::log {
namespace {

std::atomic<Format> format_in_use{Format::kText};

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kTrace:
      return spdlog::level::trace;
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

// What the last lines before the end may take, when standard error is not read.
constexpr std::chrono::seconds kFlushPatience{1};

// Never destroyed: a thread that waits for standard error cannot be waited for.
LogWriter& writer() {
  static LogWriter* const instance = new LogWriter(STDERR_FILENO);
  return *instance;
}

class WriterSink : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    writer().write({line.data(), line.size()});
  }
  void flush_() override {}
};

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = std::make_shared<spdlog::logger>("plotbridge", std::make_shared<WriterSink>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

// Besides ASCII's there are those of U+0080 to U+009F, which terminals obey, too.
bool is_control(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7f;
  return character.size() == 2 && byte(0) == 0xc2 && byte(1) < 0xa0;
}

// One valid line of UTF-8 whatever `text` holds: controls are escaped, what cannot be read becomes
// U+FFFD.
void append_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Utf8Unit unit = first_utf8_unit(text);
    const std::string_view character = text.substr(0, unit.size);
    text.remove_prefix(unit.size);
    if (!unit.valid) {
      out += kReplacementCharacter;
    } else if (character == "\n") {
      out += "\\n";
    } else if (is_control(character)) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned char>(character.back()));
      out += code;
    } else {
      if (character == "\"" || character == "\\") out += '\\';
      out += character;
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  while (!text.empty()) {
    const Utf8Unit unit = first_utf8_unit(text);
    const std::string_view character = text.substr(0, unit.size);
    if (!unit.valid || is_control(character)) return true;
    if (character.size() == 1 && std::string_view(" \"=\\").find(character) != text.npos)
      return true;
    text.remove_prefix(unit.size);
  }
  return false;
}

std::string as_text(std::string_view message, std::span<const Field> fields) {
  std::string line(message);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    if (!field.bare && needs_quotes(field.value)) {
      append_quoted(line, field.value);
    } else {
      line += field.value;
    }
  }
  return line;
}

std::string as_json(std::string_view message, std::span<const Field> fields) {
  std::string line = "\"message\":";
  append_quoted(line, message);
  for (const Field& field : fields) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    if (field.bare) {
      line += field.value;
    } else {
      append_quoted(line, field.value);
    }
  }
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  format_in_use = format;
  logger().set_level(to_spdlog(level));
  logger().set_pattern(format == Format::kJson
                           ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                           : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                       spdlog::pattern_time_type::utc);
}

void write_in_background() {
  struct AtEnd {
    ~AtEnd() { flush(); }
  };
  static const AtEnd at_end;
  writer().start([](std::uint64_t lines) {
    warning("log lines dropped",
            {{"lines", lines},
             {"why", "what reads standard error did not take them in time"},
             {"hint", "see whether the journal keeps up, or raise log.level"}});
  });
}

void flush() { writer().flush(kFlushPatience); }

std::uint64_t dropped_lines() { return writer().dropped(); }

void write(Level level, std::string_view message, Fields fields) {
  write_collected(level, message, {fields.begin(), fields.size()});
}

void write_collected(Level level, std::string_view message, std::span<const Field> fields) {
  const auto severity = to_spdlog(level);
  if (!logger().should_log(severity)) return;
  const std::string line =
      format_in_use == Format::kJson ? as_json(message, fields) : as_text(message, fields);
  logger().log(severity, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace plotbridge::log
