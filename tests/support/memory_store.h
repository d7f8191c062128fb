// A queue/line_store in memory, for tests and simulations: what it has been given outlives the
// intake that gave it, as a disk outlives a process. One thread.
#pragma once

#include "plugin/queue/line_store.h"
#include "plugin/queue/number_runs.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plotbridge::test {

class MemoryStore : public queue::LineStore {
 public:
  explicit MemoryStore(std::size_t streams,
                       std::size_t capacity = std::numeric_limits<std::size_t>::max())
      : capacity_(capacity), streams_(streams) {}

  bool fails = false;              // the disk takes nothing
  bool flushes_when_full = false;  // as a spool does: what was released makes room
  std::size_t syncs = 0;
  std::size_t bytes_used = 0;        // by something else than its lines
  std::function<bool()> takes = {};  // asked for each line, if it is set

  /// The process is gone: what was released and not yet written down is not released.
  void crash() { pending_.clear(); }
  /// The disk has spoilt a line.
  void damage(std::size_t stream, std::uint64_t id) { streams_[stream].lines.erase(id); }
  std::size_t lines() const {
    std::size_t lines = 0;
    for (const Stream& stream : streams_) lines += stream.lines.size();
    return lines;
  }
  std::vector<std::string> lines_of(std::size_t stream) const {
    std::vector<std::string> lines;
    for (const auto& [id, line] : streams_[stream].lines) lines.push_back(line.bytes);
    return lines;
  }

  queue::Recovered recovered(std::size_t stream) const override {
    const Stream& kept = streams_[stream];
    queue::Recovered found;
    found.next_id = kept.next_id;
    found.lines = kept.lines.size();
    found.front_id = kept.lines.empty() ? kept.next_id : kept.lines.begin()->first;
    found.numberings = kept.numbers.runs();
    return found;
  }
  Kept append(std::size_t stream, const NewLine& line) override {
    if (refuses()) return Kept::kFailed;
    if (lines() >= capacity_ && flushes_when_full) flush(false);
    if (lines() >= capacity_) return Kept::kNoRoom;
    put(stream, line);
    return Kept::kYes;
  }
  Kept replace(std::size_t stream, const NewLine& line) override {
    if (refuses()) return Kept::kFailed;
    auto& lines = streams_[stream].lines;
    lines.erase(lines.lower_bound(line.id), lines.end());
    put(stream, line);
    return Kept::kYes;
  }
  bool sync() override { return ++syncs > 0; }
  std::vector<queue::Lost> give_up_oldest() override {
    std::size_t oldest = streams_.size();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].lines.empty()) continue;
      if (oldest == streams_.size() || order_of(i) < order_of(oldest)) oldest = i;
    }
    if (oldest == streams_.size()) return {};
    auto& lines = streams_[oldest].lines;
    const std::uint64_t id = lines.begin()->first;
    lines.erase(lines.begin());
    ++given_up_;
    return {{oldest, id, id + 1, 1}};
  }
  std::vector<queue::Lost> expire(WallTime) override { return {}; }
  void release(std::size_t stream, std::uint64_t from_id, std::uint64_t to_id) override {
    pending_.push_back({stream, from_id, to_id});
  }
  void number(std::size_t stream, queue::Numbering numbering) override {
    Stream& kept = streams_[stream];
    kept.numbers.add(numbering);
    kept.numbers.forget_unless([&](const queue::Numbering& run) {
      if (run.id >= kept.next_id) return true;
      const auto line = kept.lines.lower_bound(run.id);
      return line != kept.lines.end() && line->first - run.id < run.lines;
    });
  }
  void flush(bool) override {
    for (const auto& [stream, from, to] : pending_) {
      auto& lines = streams_[stream].lines;
      lines.erase(lines.lower_bound(from), lines.lower_bound(to));
    }
    pending_.clear();
  }
  Result<void> read(std::size_t stream, std::uint64_t from_id,
                    const std::function<bool(const queue::StoredLine&)>& take) override {
    const Stream& kept = streams_[stream];
    for (auto line = kept.lines.lower_bound(from_id); line != kept.lines.end(); ++line) {
      const bool released = std::ranges::any_of(pending_, [&](const Released& ids) {
        return ids.stream == stream && ids.from <= line->first && line->first < ids.to;
      });
      if (released) continue;
      if (!take({line->first, line->second.bytes, line->second.received})) break;
    }
    return {};
  }
  Gauges gauges(WallTime) const override {
    Gauges gauges;
    gauges.bytes = lines() + bytes_used;
    gauges.degraded = fails;
    gauges.given_up = given_up_;
    return gauges;
  }
  /// A new process begins: what an earlier one released stays so only if it was written down.
  void restart() {
    crash();
    for (Stream& stream : streams_) stream.numbers.add({stream.next_id, queue::kNoNumber});
  }

 private:
  struct Line {
    std::string bytes;
    WallTime received;
    std::uint64_t order;
  };
  struct Stream {
    std::map<std::uint64_t, Line> lines;
    queue::NumberRuns numbers;
    std::uint64_t next_id = 0;
  };
  struct Released {
    std::size_t stream;
    std::uint64_t from, to;
  };

  bool refuses() const { return fails || (takes && !takes()); }
  std::uint64_t order_of(std::size_t stream) const {
    return streams_[stream].lines.begin()->second.order;
  }
  void put(std::size_t stream, const NewLine& line) {
    streams_[stream].lines[line.id] = {std::string(line.bytes), line.received, order_++};
    streams_[stream].next_id = std::max(streams_[stream].next_id, line.id + 1);
  }

  std::size_t capacity_;
  std::vector<Stream> streams_;
  std::vector<Released> pending_;
  std::uint64_t order_ = 0;
  std::uint64_t given_up_ = 0;
};

}  // namespace plotbridge::test
