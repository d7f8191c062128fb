#include "plugin/endpoint/stream_table.h"

#include <functional>
#include <utility>

namespace plotbridge::endpoint {
namespace {

std::size_t hash_of(std::string_view token) { return std::hash<std::string_view>{}(token); }

}  // namespace

std::optional<StreamId> StreamTable::add(std::string_view name, std::string_view token) {
  if (const auto known = find(token)) return known;
  if (full()) return std::nullopt;
  auto id = static_cast<StreamId>(streams_.size());
  if (free_.empty()) {
    streams_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  StreamState state;
  state.name = name;
  while (state.name.empty() || by_name_.contains(state.name)) {
    state.name = "stream " + std::to_string(++unnamed_);
  }
  state.token = Secret(std::string(token));
  by_name_.emplace(state.name, id);
  by_hash_.emplace(hash_of(token), id);
  streams_[id] = std::move(state);
  silent_.emplace(TimePoint{}, id);
  return id;
}

void StreamTable::announce(StreamId stream) {
  streams_[stream].announced = true;
  silent_.erase({streams_[stream].silent_since, stream});
}

void StreamTable::forget(StreamId stream) {
  StreamState& state = streams_[stream];
  silent_.erase({state.silent_since, stream});
  auto [entry, end] = by_hash_.equal_range(hash_of(state.token.reveal()));
  while (entry != end && entry->second != stream) ++entry;
  if (entry != end) by_hash_.erase(entry);
  by_name_.erase(state.name);
  state = StreamState();
  free_.push_back(stream);
}

std::optional<StreamId> StreamTable::find(std::string_view token) const {
  // By hash first and then in constant time: how long a wrong token takes says nothing of a right
  // one.
  const auto [begin, end] = by_hash_.equal_range(hash_of(token));
  for (auto entry = begin; entry != end; ++entry) {
    if (streams_[entry->second].token.equals(token)) return entry->second;
  }
  return std::nullopt;
}

std::optional<StreamId> StreamTable::find_name(std::string_view name) const {
  const auto found = by_name_.find(std::string(name));
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

StreamTable::Claim StreamTable::claim(StreamId stream, ConnectionId connection, TimePoint now,
                                      ProducerId producer) {
  StreamState& state = streams_[stream];
  const bool contested = held_by_another(stream, producer);
  if (contested && !state.contest.newcomer_wins(now, state.last_heard)) return {false, {}};
  if (contested) ++state.evictions;
  const auto evicted = std::exchange(state.holder, connection);
  if (!evicted) ++held_;
  silent_.erase({state.silent_since, stream});
  state.holder_is = producer;
  state.was_connected = true;
  state.connected_since = now;
  state.last_heard = now;
  return {true, evicted};
}

bool StreamTable::release(StreamId stream, ConnectionId connection) {
  StreamState& state = streams_[stream];
  if (state.holder != connection) return false;
  state.holder.reset();
  state.contest.forget();
  state.silent_since = state.last_heard;
  if (!state.announced) silent_.emplace(state.silent_since, stream);
  --held_;
  return true;
}

std::vector<ConnectionId> StreamTable::silent_since(TimePoint heard_before) const {
  std::vector<ConnectionId> silent;
  for (const StreamState& state : streams_) {
    if (state.holder && state.last_heard <= heard_before) silent.push_back(*state.holder);
  }
  return silent;
}

}  // namespace plotbridge::endpoint
