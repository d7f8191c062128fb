// One SQL statement with its parameters, run row by row. Leaves to others: what failures mean.
// Belongs to the thread of its database.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string_view>

namespace plotbridge::disk {

class SqliteStatement {
 public:
  SqliteStatement(sqlite3* database, const char* sql) {
    prepared_ = sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
  }
  ~SqliteStatement() { sqlite3_finalize(statement_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  /// Parameters count from 1. A text must outlive `step`.
  SqliteStatement& bind(int parameter, std::uint64_t number) {
    sqlite3_bind_int64(statement_, parameter, static_cast<sqlite3_int64>(number));
    return *this;
  }
  SqliteStatement& bind(int parameter, std::string_view bytes) {
    sqlite3_bind_blob64(statement_, parameter, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }

  /// SQLITE_ROW, SQLITE_DONE or a failure.
  int step() { return prepared_ == SQLITE_OK ? sqlite3_step(statement_) : prepared_; }
  /// Runs a statement that answers no rows, and makes it ready for the next parameters.
  int run() {
    const int code = step();
    sqlite3_reset(statement_);
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
  }

  void reset() { sqlite3_reset(statement_); }

  /// Columns count from 0; texts are valid until the next step.
  std::uint64_t number(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
  }
  std::string_view bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr
               ? std::string_view()
               : std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
  int prepared_ = SQLITE_OK;
};

}  // namespace plotbridge::disk
