// The streams of the endpoint: which tokens are known, who holds which, since when, how busy. The
// newest connection of a token wins, see contest.h for when it does not. Leaves to others: lines
// (endpoint.h), sockets. One thread at a time.
#pragma once

#include "plugin/base/rate_meter.h"
#include "plugin/base/time.h"
#include "plugin/endpoint/contest.h"
#include "plugin/model/secret.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace plotbridge::endpoint {

/// A stream's number, from 0 in the order in which they became known; it never changes. That of one
/// which was forgotten is given to another.
using StreamId = std::uint32_t;
/// The server's number of a connection; never used twice.
using ConnectionId = std::uint64_t;
/// Of one who numbers his lines, see position_book.h; 0: of one who does not.
using ProducerId = std::uint64_t;

struct StreamState {
  std::string name;
  Secret token;
  bool announced = false;  // by the configuration
  std::optional<ConnectionId> holder;
  ProducerId holder_is = 0;
  Contest contest;
  bool was_connected = false;
  TimePoint connected_since{};
  TimePoint last_heard{};    // any byte of body
  TimePoint silent_since{};  // of one that nobody holds
  std::optional<TimePoint> last_line{};
  std::string last_y;  // JSON text; empty: none
  std::uint64_t lines = 0;
  std::uint64_t evictions = 0;
  RateMeter rate;
};

class StreamTable {
 public:
  /// At most `capacity` streams, whether announced or not.
  explicit StreamTable(std::size_t capacity) : capacity_(capacity) {}

  /// Makes a token known. An empty name, or another's, becomes `stream N`. A token that is known
  /// keeps its name. Nothing when the table is full.
  std::optional<StreamId> add(std::string_view name, std::string_view token);

  /// It is the configuration's.
  void announce(StreamId stream);

  /// The stream, which nobody holds and nothing refers to by its number, is not known any more.
  void forget(StreamId stream);

  std::optional<StreamId> find(std::string_view token) const;
  std::optional<StreamId> find_name(std::string_view name) const;

  struct Claim {
    bool granted = true;                  // else another connection keeps it
    std::optional<ConnectionId> evicted;  // who held it until now
  };
  /// `connection` wants the stream; it gets it unless that would only go on with a contest. From
  /// itself a producer takes nothing away: that is no eviction and no contest.
  Claim claim(StreamId stream, ConnectionId connection, TimePoint now, ProducerId producer = 0);

  /// Whether it is held, and not by this producer.
  bool held_by_another(StreamId stream, ProducerId producer) const {
    const StreamState& state = streams_[stream];
    return state.holder && (producer == 0 || state.holder_is != producer);
  }

  /// Whether `connection` still held the stream; then nobody does now.
  bool release(StreamId stream, ConnectionId connection);

  /// The holders that were not heard since `heard_before`.
  std::vector<ConnectionId> silent_since(TimePoint heard_before) const;

  /// The holders of the streams of which `wanted` says so.
  template <class Wanted>
  std::vector<ConnectionId> holders_of(Wanted wanted) const {
    std::vector<ConnectionId> holders;
    for (StreamId stream = 0; stream < streams_.size(); ++stream) {
      const auto& holder = streams_[stream].holder;
      if (holder && wanted(stream)) holders.push_back(*holder);
    }
    return holders;
  }

  /// Up to `count` of the streams that were neither announced nor are held, and of which `wanted`
  /// says so: those that were silent for longest. Asks only of those that were silent for as long.
  template <class Wanted>
  std::vector<StreamId> longest_silent(std::size_t count, Wanted wanted) const {
    std::vector<StreamId> found;
    for (auto at = silent_.begin(); at != silent_.end() && found.size() < count; ++at) {
      if (wanted(at->second)) found.push_back(at->second);
    }
    return found;
  }

  StreamState& operator[](StreamId stream) { return streams_[stream]; }
  const StreamState& operator[](StreamId stream) const { return streams_[stream]; }
  std::size_t size() const { return streams_.size() - free_.size(); }
  std::size_t held() const { return held_; }
  std::size_t room() const { return capacity_ - std::min(capacity_, size()); }
  bool full() const { return room() == 0; }

 private:
  std::size_t capacity_;
  std::vector<StreamState> streams_;
  std::vector<StreamId> free_;                              // of forgotten ones
  std::set<std::pair<TimePoint, StreamId>> silent_;         // neither announced nor held
  std::unordered_multimap<std::size_t, StreamId> by_hash_;  // of the token
  std::unordered_map<std::string, StreamId> by_name_;
  std::size_t unnamed_ = 0;
  std::size_t held_ = 0;
};

}  // namespace plotbridge::endpoint
