// What the connections of one server may hold, all of them together: slots and bytes, by what each
// has proved. Whoever proved nothing shares a small pool, of which the oldest goes when it is full;
// nothing that strangers do takes a slot or a byte from those with a token or a key. Not
// responsible for: closing (connection_server), counting what one connection holds
// (tcp_connection). Costs: constant for each byte that comes; one walk over the pool for each
// connection that is ended. Loop thread, but `load` any.
#pragma once

#include "plugin/http/connection_end.h"
#include "plugin/http/peer_address.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>

namespace plotbridge::http {

/// Of one server's connections, growing with each; never used twice.
using ConnectionId = std::uint64_t;

/// What a connection has shown. A guest streams with a token that an open endpoint takes, though
/// nobody announced it.
enum class Standing : std::uint8_t { kUnproved, kGuest, kProved };

class ConnectionBudget {
 public:
  struct Limits {
    std::size_t connections;
    /// Of these, those that proved nothing, and of them those of one address.
    std::size_t unproved;
    std::size_t unproved_per_peer;
    /// Of these, guests.
    std::size_t guests;
    /// What those hold that proved nothing; what all others hold.
    std::size_t unproved_bytes;
    std::size_t other_bytes;
  };
  /// Is told of a connection that lost its share, and closes it later, not from within.
  using End = std::function<void(ConnectionId id, ConnectionEnd why)>;

  ConnectionBudget(Limits limits, End end) : limits_(limits), end_(std::move(end)) {}
  ConnectionBudget(const ConnectionBudget&) = delete;
  ConnectionBudget& operator=(const ConnectionBudget&) = delete;

  /// What one connection has; given back at its end.
  class Share {
   public:
    /// Unproved. It has its slot at once: an older one may lose its own. `budget` outlives it, or
    /// it is released before.
    /// `own_bytes`: what it costs without holding anything, counted until it is proved: those with
    /// a token or key are as many as somebody announced.
    Share(ConnectionBudget& budget, ConnectionId id, const PeerAddress& peer,
          std::size_t own_bytes);
    ~Share() {
      if (!gone_) release();
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// False: there is no room for another of this standing, and it stays what it was.
    bool prove(Standing standing);
    Standing standing() const { return standing_; }
    const PeerAddress& peer() const { return peer_; }

    /// From now on the connection itself costs so many bytes beside what it holds, unless it is
    /// proved; guests go on paying. False: there is no room.
    bool try_cost(std::size_t own_bytes);
    /// It holds so many bytes now. False: there is no room for more, and it holds what it held.
    bool try_hold(std::size_t bytes);
    /// The same for an answer: one at a time may be larger than all that its pool takes.
    bool try_hold_answer(std::size_t bytes);
    /// Counted without asking: little, or less than before.
    void hold(std::size_t bytes);
    /// Gives all of it back; once, and the last call that needs the budget.
    void release() { budget_.remove(*this); }
    /// It was given back, or taken.
    bool gone() const { return gone_; }

   private:
    friend class ConnectionBudget;

    ConnectionBudget& budget_;
    ConnectionId id_;
    PeerAddress peer_;
    std::size_t own_bytes_;
    std::size_t held_ = 0;  // with its own
    Standing standing_ = Standing::kUnproved;
    bool gone_ = false;
  };

  /// A new connection would have no slot, and no unproved one could give its own.
  bool is_full() const { return connections_ >= limits_.connections && unproved_.empty(); }
  /// Whether an unproved one may hold so many bytes more, or half of all that there are, and no
  /// other has to go for them.
  bool has_room_for_unproved(std::size_t bytes) const {
    const std::size_t most = limits_.unproved_bytes;
    return used_[static_cast<std::size_t>(Standing::kUnproved)] + std::min(bytes, most / 2) <= most;
  }
  /// False: there is none.
  bool end_oldest_unproved(ConnectionEnd why);

  struct Load {
    std::size_t connections = 0;
    std::size_t unproved = 0;
    std::size_t bytes = 0;
    std::size_t unproved_bytes = 0;  // of these
  };
  Load load() const;

 private:
  using Shares = std::map<ConnectionId, Share*>;  // the oldest first

  std::atomic<std::size_t>& used(Standing standing) {
    return used_[static_cast<std::size_t>(standing)];
  }
  std::size_t capacity(Standing standing) const {
    return standing == Standing::kUnproved ? limits_.unproved_bytes : limits_.other_bytes;
  }
  void add(Share& share);
  void remove(Share& share);
  void count(Share& share, std::size_t held);
  bool make_room(const Share& share, Standing standing, std::size_t held);
  bool make_room_for_oversized(const Share& share);
  void end(Share& share, ConnectionEnd why);

  Limits limits_;
  End end_;
  Shares unproved_;
  Shares guests_;
  std::map<PeerAddress, std::set<ConnectionId>> by_peer_;  // unproved ones, but for loopback
  Share* oversized_ = nullptr;                             // its bytes are in no pool
  std::atomic<std::size_t> connections_{0};
  std::atomic<std::size_t> unproved_count_{0};
  std::array<std::atomic<std::size_t>, 3> used_{};  // by Standing
  std::atomic<std::size_t> oversized_bytes_{0};
};

}  // namespace plotbridge::http
