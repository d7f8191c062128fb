// The program's own log: one sentence and its fields, to standard error, as text or JSON.
// Leaves to others: counting (a log line and its counter are written side by side by the caller)
// and keeping secrets out (a Secret has no printer). Any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace plotbridge::log {

enum class Level { kTrace, kDebug, kInfo, kWarning, kError };
enum class Format { kText, kJson };

/// One `key=value` of a log line. Numbers and booleans stay bare in JSON.
struct Field {
  std::string_view key;
  std::string value;
  bool bare = false;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  template <class T>
  requires std::is_arithmetic_v<T> Field(std::string_view k, T v)
      : key(k), value(to_text(v)), bare(true) {}

 private:
  static std::string to_text(bool v) { return v ? "true" : "false"; }
  template <class T>
  static std::string to_text(T v) {
    return std::to_string(v);
  }
};

using Fields = std::initializer_list<Field>;

/// Lines below `level` are not written. Before the first call: info, text.
void configure(Level level, Format format);

/// From now on a thread of its own writes, and no caller waits for standard error: up to a MiB of
/// lines waits for it, more are dropped and counted. Main thread, after signals are blocked.
void write_in_background();
/// Waits a moment for what is not written yet; done at the end of the program in any case.
void flush();
/// Lines that found no room, or that standard error refused.
std::uint64_t dropped_lines();

/// Writes one line of valid UTF-8: time, level, message, fields. Never throws.
void write(Level level, std::string_view message, Fields fields = {});
/// The same for fields that were collected.
void write_collected(Level level, std::string_view message, std::span<const Field> fields);

inline void debug(std::string_view m, Fields f = {}) { write(Level::kDebug, m, f); }
inline void info(std::string_view m, Fields f = {}) { write(Level::kInfo, m, f); }
inline void warning(std::string_view m, Fields f = {}) { write(Level::kWarning, m, f); }
inline void error(std::string_view m, Fields f = {}) { write(Level::kError, m, f); }

}  // namespace plotbridge::log
