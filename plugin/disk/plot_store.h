// The endpoint's state in one SQLite file: plots, grids, the lines since and what of each
// producer's lines is there, see docs/state.md. Survives kill -9 whole; after a power cut it may
// lack the last transactions, unless it is synced, and never has half of one. Leaves to others:
// what records and batches say (endpoint). Blocking; one thread at a time.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/spool_files.h"
#include "plugin/endpoint/saved_state.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct sqlite3;

namespace plotbridge::disk {

class PlotStore {
 public:
  /// Of the file, as it is known inside it. A newer one is refused and left as it is.
  static constexpr int kVersion = 3;

  /// Makes the file when there is none, readable by its owner only. One of an older version becomes
  /// one of this. A damaged one is put aside as `PATH.damaged-N`, with an error in the log. kBusy:
  /// another process has it; kInvalid: it is no state, or of a newer version; kDiskFails: the disk
  /// is full, read-only or failing; kUnavailable: it cannot be opened for another reason. `synced`:
  /// a transaction outlives a power cut once `commit` returned, for an fsync each.
  static Result<std::unique_ptr<PlotStore>> open(const std::string& path, bool synced = false);
  PlotStore(const PlotStore&) = delete;
  PlotStore& operator=(const PlotStore&) = delete;
  ~PlotStore();

  /// What was kept when it was opened; moved out.
  endpoint::SavedState take_saved() { return std::move(saved_); }

  /// One transaction, or the next part of one that ends with the changes that are whole: all of it,
  /// or nothing and the reason.
  Result<void> commit(const endpoint::StateChanges& changes);

  /// On disk, with what is not in the file itself yet.
  std::uint64_t bytes() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  using Database = std::unique_ptr<sqlite3, Close>;

  PlotStore(std::string path, OpenFile file, Database database, bool synced)
      : path_(std::move(path)),
        synced_(synced),
        file_(std::move(file)),
        database_(std::move(database)) {}
  static Result<std::unique_ptr<PlotStore>> open_once(const std::string& path, bool synced,
                                                      bool& damaged);
  Result<void> prepare(bool& damaged);
  /// `version`: of the file, 0: it is empty.
  Result<void> settle(std::uint64_t version);
  Result<void> make_tables(std::uint64_t version);
  Result<void> read(bool& damaged);
  int read_positions();
  Result<void> write(const endpoint::StateChanges& changes);
  int remove_files(const std::vector<endpoint::FileId>& gone);
  int write_positions(const endpoint::StateChanges& changes);
  Result<void> run(const char* sql);
  Error failure(int code) const;

  std::string path_;
  bool synced_;
  OpenFile file_;  // closed after the database, whose locks end with it
  Database database_;
  endpoint::SavedState saved_;
};

}  // namespace plotbridge::disk
