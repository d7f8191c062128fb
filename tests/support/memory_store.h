// A queue/line_store in memory, for tests and simulations: what it has been given outlives the
// outbox that gave it, as a disk outlives a process. One thread.
#pragma once

#include "plugin/queue/line_store.h"

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
  bool flushes_when_full = false;  // as a spool does: what was resolved makes room
  std::size_t syncs = 0;
  std::size_t appends = 0;           // calls
  std::size_t bytes_used = 0;        // by something else than its lines
  std::function<bool()> takes = {};  // asked for each line, if it is set

  /// The disk has spoilt a line: the store does not know yet.
  void damage(std::size_t stream, std::uint64_t offset) {
    streams_[stream].lines[offset].damaged = true;
  }
  std::size_t lines() const {
    std::size_t lines = 0;
    for (const Stream& stream : streams_) lines += stream.lines.size();
    return lines;
  }
  std::vector<std::string> lines_of(std::size_t stream) const {
    std::vector<std::string> lines;
    for (const auto& [offset, line] : streams_[stream].lines) lines.push_back(line.bytes);
    return lines;
  }

  queue::Recovered recovered(std::size_t stream) const override {
    const Stream& kept = streams_[stream];
    queue::Recovered found{kept.end, {}};
    std::uint64_t from = 0;
    for (const auto& [offset, line] : kept.lines) {
      found.resolved.add({from, offset});
      from = offset + 1;
    }
    found.resolved.add({from, kept.end});
    return found;
  }
  Appended append(std::span<const NewLine> lines) override {
    ++appends;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (const AppendResult result = append(lines[i]); result != AppendResult::kYes) {
        return {i, result};
      }
    }
    return {lines.size(), AppendResult::kYes};
  }
  bool reserve(std::size_t stream, std::uint64_t end) override {
    if (!fails) see(stream, end);
    return !fails;
  }
  bool sync() override { return ++syncs > 0; }
  std::vector<queue::DroppedLines> drop_oldest() override {
    std::size_t oldest = streams_.size();
    for (std::size_t i = 0; i < streams_.size(); ++i) {
      if (streams_[i].lines.empty()) continue;
      if (oldest == streams_.size() || order_of(i) < order_of(oldest)) oldest = i;
    }
    if (oldest == streams_.size()) return {};
    auto& lines = streams_[oldest].lines;
    const std::uint64_t offset = lines.begin()->first;
    lines.erase(lines.begin());
    ++dropped_;
    return {{oldest, {{offset, offset + 1}}}};
  }
  std::vector<queue::DroppedLines> expire(WallTime) override { return {}; }
  void resolve(std::size_t stream, OffsetRange offsets) override {
    pending_.push_back({stream, offsets});
  }
  void flush(bool) override {
    for (const auto& [stream, range] : pending_) {
      auto& lines = streams_[stream].lines;
      lines.erase(lines.lower_bound(range.from), lines.lower_bound(range.to));
    }
    pending_.clear();
  }
  Result<void> read(std::size_t stream, std::uint64_t from,
                    const std::function<bool(const queue::StoredLine&)>& take) override {
    const Stream& kept = streams_[stream];
    for (auto line = kept.lines.lower_bound(from); line != kept.lines.end(); ++line) {
      const bool is_resolved = std::ranges::any_of(pending_, [&](const auto& one) {
        return one.first == stream && one.second.from <= line->first && line->first < one.second.to;
      });
      if (is_resolved || line->second.damaged) continue;
      if (!take({line->first, line->second.bytes, line->second.received})) break;
    }
    return {};
  }
  Gauges gauges(WallTime) const override {
    Gauges gauges;
    gauges.bytes = lines() + bytes_used;
    gauges.degraded = fails;
    gauges.dropped = dropped_;
    return gauges;
  }
  /// The process is gone, and another begins: what was resolved stays so only if it was written
  /// down.
  void restart() { pending_.clear(); }

 private:
  struct Line {
    std::string bytes;
    WallTime received;
    std::uint64_t order = 0;
    bool damaged = false;
  };
  struct Stream {
    std::map<std::uint64_t, Line> lines;
    std::uint64_t end = 0;
  };

  AppendResult append(const NewLine& line) {
    if (fails || (takes && !takes())) return AppendResult::kFailed;
    const bool is_new = !streams_[line.stream].lines.contains(line.offset);
    if (is_new && lines() >= capacity_ && flushes_when_full) flush(false);
    if (is_new && lines() >= capacity_) return AppendResult::kNoRoom;
    streams_[line.stream].lines[line.offset] = {std::string(line.bytes), line.received, order_++};
    see(line.stream, line.offset + 1);
    return AppendResult::kYes;
  }
  void see(std::size_t stream, std::uint64_t end) {
    streams_[stream].end = std::max(streams_[stream].end, end);
  }
  std::uint64_t order_of(std::size_t stream) const {
    return streams_[stream].lines.begin()->second.order;
  }

  std::size_t capacity_;
  std::vector<Stream> streams_;
  std::vector<std::pair<std::size_t, OffsetRange>> pending_;
  std::uint64_t order_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace plotbridge::test
