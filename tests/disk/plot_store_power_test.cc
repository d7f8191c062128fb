// Concern: a state that is to outlive a power cut is synced with each transaction, and one that
// fails to be is no transaction; another waits for no disk.
#include "plugin/disk/plot_store.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <string>

namespace plotbridge::disk {
namespace {

/// SQLite's own file system, which counts syncs and lets them fail.
class SyncCounter {
 public:
  SyncCounter() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = "counting";
    vfs_.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const int code = real_->xOpen(real_, name, file, flags, out);
      if (code != SQLITE_OK || file->pMethods == nullptr) return code;
      const auto known = counted_.try_emplace(file->pMethods, *file->pMethods).first;
      known->second.xSync = [](sqlite3_file* synced, int how) {
        ++syncs;
        if (fails) return SQLITE_IOERR_FSYNC;
        for (const auto& [original, methods] : counted_) {
          if (synced->pMethods == &methods) return original->xSync(synced, how);
        }
        return SQLITE_IOERR;
      };
      file->pMethods = &known->second;
      return code;
    };
    syncs = 0;
    fails = false;
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~SyncCounter() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  SyncCounter(const SyncCounter&) = delete;
  SyncCounter& operator=(const SyncCounter&) = delete;

  static inline int syncs = 0;
  static inline bool fails = false;

 private:
  static inline sqlite3_vfs* real_ = nullptr;
  static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> counted_;
  sqlite3_vfs vfs_{};
};

class PlotStorePowerTest : public ::testing::Test {
 protected:
  std::unique_ptr<PlotStore> open(bool synced) {
    auto store = PlotStore::open(folder.path("plots.db"), synced);
    if (!store) ADD_FAILURE() << store.error().message;
    return store ? *std::move(store) : nullptr;
  }
  static endpoint::StateChanges lines(std::uint64_t batch) {
    endpoint::StateChanges changes;
    changes.batch = batch;
    changes.entries = "1 2\na{}";
    return changes;
  }

  SyncCounter counter;
  test::TempDir folder;
};

TEST_F(PlotStorePowerTest, each_transaction_is_synced) {
  const auto store = open(true);
  for (std::uint64_t batch = 1; batch <= 5; ++batch) {
    const int before = SyncCounter::syncs;
    ASSERT_TRUE(store->commit(lines(batch)));
    EXPECT_GE(SyncCounter::syncs - before, 1) << batch;
    EXPECT_LE(SyncCounter::syncs - before, 2) << batch;
  }
}

TEST_F(PlotStorePowerTest, otherwise_none_is) {
  const auto store = open(false);
  ASSERT_TRUE(store->commit(lines(1)));
  const int before = SyncCounter::syncs;
  for (std::uint64_t batch = 2; batch <= 5; ++batch) ASSERT_TRUE(store->commit(lines(batch)));
  EXPECT_EQ(SyncCounter::syncs, before);
}

TEST_F(PlotStorePowerTest, transaction_that_was_not_synced_has_failed_and_can_be_repeated) {
  {
    const auto store = open(true);
    SyncCounter::fails = true;
    EXPECT_FALSE(store->commit(lines(1)));
    SyncCounter::fails = false;
    EXPECT_TRUE(store->commit(lines(1)));
  }
  EXPECT_EQ(open(true)->take_saved().lines.size(), 1U);
}

}  // namespace
}  // namespace plotbridge::disk
