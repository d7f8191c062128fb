// What changed since it was last written down: lines by stream, and files (plots and grids) whose
// record is to be made anew. Bounded: a stream with more lines than its plots are worth has them
// written whole in place of its lines. Leaves to others: records, batches and the disk. One thread
// at a time.
#pragma once

#include "plugin/endpoint/grid_book.h"
#include "plugin/endpoint/stream_table.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

class Journal {
 public:
  /// Of lines between two takes; beyond, whole records take their place.
  static constexpr std::size_t kMostOfStream = std::size_t{64} << 10;
  static constexpr std::size_t kMostOfAll = std::size_t{16} << 20;
  /// Of batches on disk before their lines are put into records.
  static constexpr std::size_t kMostKept = std::size_t{8} << 20;

  /// From now on changes are noted; `batch` is the last number that is taken.
  void start(std::uint64_t batch) {
    on_ = true;
    batch_ = batch;
  }
  bool on() const { return on_; }
  /// Called at the first change after a take.
  void on_news(std::function<void()> tell) { tell_ = std::move(tell); }

  /// False: there is no room, the stream's plots are to be noted.
  bool note_line(StreamId stream, std::string_view line);
  /// A file is new, another one or gone.
  void note_file(FileId id);
  /// Whether lines of the stream, by its number, wait to be taken.
  bool has_lines(StreamId stream) const {
    return stream < lines_.size() && (!lines_[stream].text.empty() || lines_[stream].left_out);
  }
  /// Positions of producers changed, see position_book.h.
  void note_positions() {
    if (!on_) return;
    count();
    positions_ = true;
  }

  /// Grows with each change.
  std::uint64_t ticket() const { return ticket_; }

  /// The number of the batch that is made next.
  std::uint64_t next_batch() { return ++batch_; }
  /// The lines of each stream, and none afterwards.
  void take_lines(const std::function<void(StreamId, std::string_view lines)>& take);
  /// A batch has lines of this plot.
  void add_unsaved(FileId plot, std::uint64_t batch) { unsaved_.try_emplace(plot, batch); }
  /// The file that has been waiting for longest; its record has all there is.
  std::optional<FileId> take_file();
  /// The positions go along.
  void take_positions() { positions_ = false; }
  /// Everything up to this ticket was taken.
  std::uint64_t taken() const { return files_.empty() ? ticket_ : files_.front().ticket - 1; }
  bool empty() const { return files_.empty() && dirty_.empty() && !positions_; }
  /// Whether files are waiting.
  bool has_files() const { return !files_.empty(); }

  /// A batch of so many bytes is kept. Answers before which one no lines are needed any more.
  std::uint64_t keep_batch(std::uint64_t batch, std::size_t bytes);

 private:
  struct Waiting {
    FileId id;
    std::uint64_t ticket;
  };
  struct Kept {
    std::uint64_t batch;
    std::size_t bytes;
  };
  struct Lines {
    std::string text;
    bool left_out = false;
  };

  void count();
  std::uint64_t oldest_needed(std::uint64_t batch) const;

  bool on_ = false;
  std::function<void()> tell_;
  std::uint64_t ticket_ = 0;
  std::uint64_t batch_ = 0;
  std::vector<Lines> lines_;  // by stream
  std::vector<StreamId> dirty_;
  std::size_t bytes_ = 0;
  bool positions_ = false;
  std::deque<Waiting> files_;
  std::unordered_set<FileId> waiting_;
  std::unordered_map<FileId, std::uint64_t> unsaved_;  // plot to the first batch beyond its record
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace plotbridge::endpoint
