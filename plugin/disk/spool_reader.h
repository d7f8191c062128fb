// Reads lines back. It keeps where the lines of the last few segments are, and no lock while it
// reads. Not responsible for: which lines there are (spool_table). One thread.
#pragma once

#include "plugin/base/result.h"
#include "plugin/disk/segment_index.h"
#include "plugin/disk/spool_table.h"
#include "plugin/queue/line_store.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>

namespace plotbridge::disk {

class SpoolReader {
 public:
  using Take = std::function<bool(const queue::StoredLine&)>;

  SpoolReader(SpoolFiles& files, std::string directory, const SpoolTable& table);

  Result<void> read(std::size_t stream, std::uint64_t from, const Take& take);
  /// Lets go of files whose names are gone: until then they use the disk.
  void forget_dropped();
  /// Lines that were found damaged, or not at all, when they were read.
  std::uint64_t damaged() const { return damaged_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kMostIndexes = 4;  // 0.7 MiB each, at most

  struct Indexed {
    std::uint64_t segment = 0;
    SegmentIndex index;
  };
  enum class Gave { kAll, kEnough, kNothing };

  /// Null and errno if the disk does not give it.
  SegmentIndex* index_of(const SpoolTable::Portion& portion);
  // Lines that the table knows and the files do not have: told once a line behind them was taken,
  // because until then they are read again.
  struct Missing {
    std::uint64_t before_next = 0;
    std::uint64_t told = 0;
  };
  Gave give(SegmentIndex& index, std::uint64_t key, const SpoolTable::Portion& portion,
            const Take& take, Missing& missing);
  bool has_directory();
  static std::uint64_t lines_in(const SpoolTable::Portion& portion);
  /// The record at `position`; not whole if the file ends there. False and errno.
  bool fetch(const SegmentIndex& index, std::uint64_t position, std::string_view& record);

  SpoolFiles& files_;
  std::string directory_;
  const SpoolTable& table_;
  std::list<Indexed> indexes_;  // the last one used comes first
  std::string block_;
  std::uint64_t block_at_ = 0;
  std::atomic<std::uint64_t> damaged_ = 0;
};

}  // namespace plotbridge::disk
