#include "plugin/disk/plot_store.h"

#include "plugin/base/clock.h"
#include "plugin/disk/sqlite_statement.h"
#include "plugin/disk/state_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace plotbridge::disk {
namespace {

// WAL and NORMAL: a transaction is one write without fsync; those come when the log is moved into
// the file. With FULL the log is synced with each transaction. EXCLUSIVE: a second process is
// refused, and no shared memory file lies beside it; from the first look on, because a full disk
// has no room for one.
constexpr const char* kExclusive = "PRAGMA locking_mode=EXCLUSIVE";
constexpr const char* kSettings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-2048; PRAGMA temp_store=MEMORY;";
constexpr const char* kTables =
    "CREATE TABLE files(id INTEGER PRIMARY KEY, through INTEGER NOT NULL, record BLOB NOT NULL);"
    "CREATE TABLE lines(batch INTEGER PRIMARY KEY, entries BLOB NOT NULL);";
// As it is since version 3. `used` counts seconds since 1970.
constexpr const char* kPositions =
    "CREATE TABLE positions(token BLOB NOT NULL, producer BLOB NOT NULL, epoch INTEGER NOT NULL,"
    " have BLOB NOT NULL, used INTEGER NOT NULL, PRIMARY KEY(token, producer)) WITHOUT ROWID;";
// Version 2 had the number of the line that was wanted next: all before it were there.
constexpr const char* kSetPositionsAside = "ALTER TABLE positions RENAME TO positions_2;";
constexpr const char* kBringPositionsOver =
    "INSERT INTO positions SELECT token, producer, epoch,"
    " CAST(CASE next WHEN 0 THEN '' ELSE '0-' || next END AS BLOB), used FROM positions_2;"
    "DROP TABLE positions_2;";

std::uint64_t now_s() {
  using std::chrono::seconds;
  const auto since = wall_now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(since).count());
}

bool is_damage(int code) {
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

}  // namespace

void PlotStore::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

PlotStore::~PlotStore() = default;

Result<std::unique_ptr<PlotStore>> PlotStore::open(const std::string& path, bool synced) {
  bool damaged = false;
  auto store = open_once(path, synced, damaged);
  if (!damaged) return store;
  store = fail(ErrorKind::kUnavailable, "");  // closes it
  if (const auto aside = put_state_aside(path); !aside) return tl::make_unexpected(aside.error());
  return open_once(path, synced, damaged);
}

Result<std::unique_ptr<PlotStore>> PlotStore::open_once(const std::string& path, bool synced,
                                                        bool& damaged) {
  damaged = false;
  auto file = claim_state_file(path);
  if (!file) return tl::make_unexpected(std::move(file).error());
  if (synced && !sync_directory_of(path)) {
    return fail(kind_of_disk_error(errno),
                "cannot sync the directory of the state " + path + ": " + std::strerror(errno) +
                    "; its file system must allow it for durability: power");
  }
  sqlite3* opened = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
  const int code = sqlite3_open_v2(behind_links(path).c_str(), &opened, kFlags, nullptr);
  if (opened != nullptr) sqlite3_extended_result_codes(opened, 1);
  std::unique_ptr<PlotStore> store(new PlotStore(path, std::move(*file), Database(opened), synced));
  if (code != SQLITE_OK) return tl::make_unexpected(store->failure(code));
  if (const auto ready = store->prepare(damaged); !ready) {
    return tl::make_unexpected(ready.error());
  }
  if (const auto read = store->read(damaged); !read) return tl::make_unexpected(read.error());
  return store;
}

Error PlotStore::failure(int code) const {
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED) {
    return in_use(path_).value();
  }
  // What was called since may have left another message, or "not an error".
  const bool latest = (sqlite3_errcode(database_.get()) & 0xff) == (code & 0xff);
  const bool is_input_or_output =
      (code & 0xff) == SQLITE_IOERR && code != SQLITE_IOERR_LOCK && code != SQLITE_IOERR_NOMEM;
  const bool disk_fails =
      (code & 0xff) == SQLITE_FULL || is_input_or_output ||
      kind_of_disk_error(sqlite3_system_errno(database_.get())) == ErrorKind::kDiskFails;
  return {disk_fails ? ErrorKind::kDiskFails : ErrorKind::kUnavailable,
          "the state " + path_ + ": " +
              (latest ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(code))};
}

Result<void> PlotStore::run(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return tl::make_unexpected(failure(sqlite3_extended_errcode(database_.get())));
}

Result<void> PlotStore::prepare(bool& damaged) {
  if (const auto set = run(kExclusive); !set) return set;
  // Before anything is written, a look at whose file it is.
  SqliteStatement version(database_.get(), "PRAGMA user_version");
  SqliteStatement application(database_.get(), "PRAGMA application_id");
  SqliteStatement tables(database_.get(), "SELECT count(*) FROM sqlite_schema");
  for (SqliteStatement* statement : {&version, &application, &tables}) {
    const int code = statement->step();
    damaged = is_damage(code);
    if (code != SQLITE_ROW) return tl::make_unexpected(failure(code));
  }
  const bool empty = tables.number(0) == 0;
  if (!empty && application.number(0) != kStateApplication) {
    return fail(ErrorKind::kInvalid, path_ + " is a database of something else: name another file");
  }
  if (version.number(0) > kVersion) {
    return fail(ErrorKind::kInvalid, "the state " + path_ + " is of a newer plotbridge (version " +
                                         std::to_string(version.number(0)) +
                                         "): run that one, or name another file");
  }
  const std::uint64_t has = empty ? 0 : std::max<std::uint64_t>(version.number(0), 1);
  for (SqliteStatement* statement : {&version, &application, &tables}) statement->reset();
  if (const auto made = make_state_private(path_); !made) return made;
  auto ready = settle(has);
  damaged = !ready && is_damage(sqlite3_extended_errcode(database_.get()));
  if (!ready && sqlite3_get_autocommit(database_.get()) == 0) run("ROLLBACK");
  return ready;
}

// A new file has its application's number before there is a log beside it, so that its header says
// whose it is, whatever ends the program.
Result<void> PlotStore::settle(std::uint64_t version) {
  if (version == 0) {
    if (const auto made = make_tables(version); !made) return made;
  }
  if (const auto set = run(kSettings); !set) return set;
  if (synced_) {
    if (const auto set = run("PRAGMA synchronous=FULL"); !set) return set;
  }
  if (version > 0 && version < kVersion) return make_tables(version);
  return run("BEGIN EXCLUSIVE; COMMIT");  // takes the lock for good
}

Result<void> PlotStore::make_tables(std::uint64_t version) {
  std::string sql = "BEGIN EXCLUSIVE; ";
  if (version < 1) {
    sql +=
        std::string(kTables) + "PRAGMA application_id=" + std::to_string(kStateApplication) + "; ";
  }
  if (version == 2) sql += kSetPositionsAside;
  sql += kPositions;
  if (version == 2) sql += kBringPositionsOver;
  sql += "PRAGMA user_version=" + std::to_string(kVersion) + "; COMMIT";
  return run(sql.c_str());
}

Result<void> PlotStore::read(bool& damaged) {
  int code = SQLITE_OK;
  SqliteStatement files(database_.get(), "SELECT id, through, record FROM files ORDER BY id");
  while ((code = files.step()) == SQLITE_ROW) {
    saved_.files.push_back({static_cast<endpoint::FileId>(files.number(0)), files.number(1),
                            std::string(files.bytes(2))});
  }
  if (code == SQLITE_DONE) {
    SqliteStatement lines(database_.get(), "SELECT batch, entries FROM lines ORDER BY batch");
    while ((code = lines.step()) == SQLITE_ROW) {
      saved_.lines.push_back({lines.number(0), std::string(lines.bytes(1))});
    }
  }
  if (code == SQLITE_DONE) code = read_positions();
  if (code == SQLITE_DONE) return {};
  damaged = is_damage(code);
  return tl::make_unexpected(failure(code));
}

int PlotStore::read_positions() {
  SqliteStatement positions(
      database_.get(),
      "SELECT token, producer, epoch, have FROM positions ORDER BY used, token, producer");
  int code = SQLITE_OK;
  while ((code = positions.step()) == SQLITE_ROW) {
    saved_.positions.push_back({{std::string(positions.bytes(0)), std::string(positions.bytes(1))},
                                static_cast<std::uint32_t>(positions.number(2)),
                                std::string(positions.bytes(3))});
  }
  return code;
}

Result<void> PlotStore::commit(const endpoint::StateChanges& changes) {
  if (sqlite3_get_autocommit(database_.get()) != 0) {
    if (const auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
  }
  auto written = write(changes);
  if (written && changes.whole) written = run("COMMIT");
  // A full disk may have ended the transaction already.
  if (!written && sqlite3_get_autocommit(database_.get()) == 0) run("ROLLBACK");
  return written;
}

Result<void> PlotStore::write(const endpoint::StateChanges& changes) {
  int code = SQLITE_OK;
  const auto run_one = [&code](SqliteStatement& statement) {
    if (code == SQLITE_OK) code = statement.run();
  };
  SqliteStatement put(database_.get(),
                      "INSERT OR REPLACE INTO files(id, through, record) VALUES(?, ?, ?)");
  for (const endpoint::SavedFile& file : changes.files) {
    run_one(put.bind(1, std::uint64_t{file.id}).bind(2, file.through).bind(3, file.record));
  }
  if (code == SQLITE_OK && !changes.gone.empty()) code = remove_files(changes.gone);
  if (!changes.entries.empty()) {
    SqliteStatement add(database_.get(),
                        "INSERT OR REPLACE INTO lines(batch, entries) VALUES(?, ?)");
    run_one(add.bind(1, changes.batch).bind(2, changes.entries));
  }
  if (changes.forget_before > 0) {
    SqliteStatement forget(database_.get(), "DELETE FROM lines WHERE batch < ?");
    run_one(forget.bind(1, changes.forget_before));
  }
  if (code == SQLITE_OK) code = write_positions(changes);
  if (code == SQLITE_OK) return {};
  return tl::make_unexpected(failure(code));
}

// The greatest number stays, with an empty record, so that it is not given again after a restart:
// somebody may still have the address of the plot that had it.
int PlotStore::remove_files(const std::vector<endpoint::FileId>& gone) {
  SqliteStatement empty(database_.get(),
                        "INSERT OR REPLACE INTO files(id, through, record) VALUES(?, 0, x'')");
  for (const endpoint::FileId id : gone) {
    const int code = empty.bind(1, std::uint64_t{id}).run();
    if (code != SQLITE_OK) return code;
  }
  return SqliteStatement(database_.get(),
                         "DELETE FROM files WHERE length(record) = 0"
                         " AND id < (SELECT max(id) FROM files)")
      .run();
}

int PlotStore::write_positions(const endpoint::StateChanges& changes) {
  SqliteStatement remove(database_.get(), "DELETE FROM positions WHERE token = ? AND producer = ?");
  for (const auto& [token, producer] : changes.gone_positions) {
    const int code = remove.bind(1, token).bind(2, producer).run();
    if (code != SQLITE_OK) return code;
  }
  SqliteStatement put(database_.get(),
                      "INSERT OR REPLACE INTO positions(token, producer, epoch, have, used)"
                      " VALUES(?, ?, ?, ?, ?)");
  const std::uint64_t now = now_s();
  for (const endpoint::SavedPosition& position : changes.positions) {
    put.bind(1, position.key.token).bind(2, position.key.producer);
    put.bind(3, std::uint64_t{position.epoch}).bind(4, position.have).bind(5, now);
    if (const int code = put.run(); code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

std::uint64_t PlotStore::bytes() const {
  std::uint64_t bytes = 0;
  for (const std::string& path : {path_, path_ + "-wal"}) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error) bytes += size;
  }
  return bytes;
}

}  // namespace plotbridge::disk
