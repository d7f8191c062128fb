#include "plugin/http/connection_budget.h"

#include <algorithm>

namespace plotbridge::http {

ConnectionBudget::Share::Share(ConnectionBudget& budget, ConnectionId id, const PeerAddress& peer,
                               std::size_t own_bytes)
    : budget_(budget), id_(id), peer_(peer), own_bytes_(own_bytes) {
  const Limits& limits = budget.limits_;
  if (const auto known = budget.by_peer_.find(peer);
      known != budget.by_peer_.end() && known->second.size() >= limits.unproved_per_peer) {
    budget.end(*budget.unproved_.at(*known->second.begin()), ConnectionEnd::kPeer);
  }
  if (budget.unproved_.size() >= limits.unproved) {
    budget.end_oldest_unproved(ConnectionEnd::kUnproved);
  } else if (budget.connections_ >= limits.connections) {
    budget.end_oldest_unproved(ConnectionEnd::kConnections);
  }
  try {
    budget.add(*this);
    if (!try_hold(0)) hold(0);
  } catch (...) {
    budget.remove(*this);
    throw;
  }
}

bool ConnectionBudget::Share::prove(Standing standing) {
  if (gone_ || budget_.oversized_ == this) return false;
  if (standing <= standing_) return true;
  const bool joins_guests = standing == Standing::kGuest;
  if (joins_guests && budget_.guests_.size() >= budget_.limits_.guests) return false;
  const std::size_t own = standing == Standing::kProved ? 0 : own_bytes_;
  const std::size_t held = held_ - own_bytes_ + own;
  if (!budget_.make_room(*this, standing, held)) return false;
  budget_.remove(*this);
  gone_ = false;
  standing_ = standing;
  own_bytes_ = own;
  budget_.add(*this);
  budget_.count(*this, held);
  return true;
}

bool ConnectionBudget::Share::try_cost(std::size_t own_bytes) {
  const std::size_t held = held_ - own_bytes_ + own_bytes;
  if (gone_ || !budget_.make_room(*this, standing_, held)) return false;
  budget_.count(*this, held);
  own_bytes_ = own_bytes;
  return true;
}

bool ConnectionBudget::Share::try_hold(std::size_t bytes) {
  if (gone_) return false;
  const std::size_t held = own_bytes_ + bytes;
  if (held > held_ && !budget_.make_room(*this, standing_, held)) return false;
  budget_.count(*this, held);
  return true;
}

bool ConnectionBudget::Share::try_hold_answer(std::size_t bytes) {
  if (gone_) return false;
  const std::size_t held = own_bytes_ + bytes;
  if (held <= budget_.capacity(standing_)) return try_hold(bytes);
  if (budget_.oversized_ != this) {
    if (!budget_.make_room_for_oversized(*this)) return false;
    budget_.count(*this, 0);
    budget_.oversized_ = this;
  }
  budget_.count(*this, held);
  return true;
}

void ConnectionBudget::Share::hold(std::size_t bytes) {
  if (!gone_) budget_.count(*this, own_bytes_ + bytes);
}

bool ConnectionBudget::end_oldest_unproved(ConnectionEnd why) {
  if (unproved_.empty()) return false;
  end(*unproved_.begin()->second, why);
  return true;
}

ConnectionBudget::Load ConnectionBudget::load() const {
  Load load;
  load.connections = connections_;
  load.unproved = unproved_count_;
  load.unproved_bytes = used_[static_cast<std::size_t>(Standing::kUnproved)];
  load.bytes = oversized_bytes_;
  for (const auto& used : used_) load.bytes += used;
  return load;
}

void ConnectionBudget::add(Share& share) {
  connections_.fetch_add(1, std::memory_order_relaxed);
  if (share.standing_ == Standing::kUnproved) {
    unproved_.emplace(share.id_, &share);
    if (!share.peer_.loopback) by_peer_[share.peer_].insert(share.id_);
  }
  if (share.standing_ == Standing::kGuest) guests_.emplace(share.id_, &share);
  unproved_count_.store(unproved_.size(), std::memory_order_relaxed);
}

void ConnectionBudget::remove(Share& share) {
  if (share.gone_) return;
  count(share, 0);
  share.gone_ = true;
  if (share.standing_ == Standing::kUnproved) {
    unproved_.erase(share.id_);
    const auto of_peer = by_peer_.find(share.peer_);
    if (of_peer != by_peer_.end()) {
      of_peer->second.erase(share.id_);
      if (of_peer->second.empty()) by_peer_.erase(of_peer);
    }
  }
  if (share.standing_ == Standing::kGuest) guests_.erase(share.id_);
  connections_.fetch_sub(1, std::memory_order_relaxed);
  unproved_count_.store(unproved_.size(), std::memory_order_relaxed);
}

void ConnectionBudget::count(Share& share, std::size_t held) {
  if (oversized_ == &share && held <= capacity(share.standing_)) {
    oversized_ = nullptr;
    oversized_bytes_.store(0, std::memory_order_relaxed);
    share.held_ = 0;
  }
  std::atomic<std::size_t>& pool = oversized_ == &share ? oversized_bytes_ : used(share.standing_);
  pool.store(pool - share.held_ + held, std::memory_order_relaxed);
  share.held_ = held;
}

// So that the share could hold so much in the pool of this standing: of the unproved ones the
// oldest go, but rather those with more than their part; for one who proved something guests go.
bool ConnectionBudget::make_room(const Share& share, Standing standing, std::size_t held) {
  const bool unproved = standing == Standing::kUnproved;
  const bool same_pool = unproved == (share.standing_ == Standing::kUnproved);
  const std::size_t before = same_pool && oversized_ != &share ? share.held_ : 0;
  const auto in_use = [&] {
    const std::size_t all = unproved ? used(Standing::kUnproved).load()
                                     : used(Standing::kGuest) + used(Standing::kProved);
    return all - before;
  };
  const std::size_t most = capacity(standing);
  if (in_use() + held <= most) return true;
  if (standing == Standing::kGuest) return false;
  const std::size_t can_go =
      unproved ? in_use()
               : used(Standing::kGuest) - (share.standing_ == Standing::kGuest ? before : 0);
  if (in_use() - can_go + held > most) return false;
  const std::size_t part = limits_.unproved_bytes / std::max<std::size_t>(limits_.unproved, 1);
  const Shares& shares = unproved ? unproved_ : guests_;
  for (const bool only_large : {true, false}) {
    for (auto at = shares.begin(); at != shares.end() && in_use() + held > most;) {
      Share& other = *(at++)->second;
      if (&other == &share || other.held_ == 0 || &other == oversized_) continue;
      if (!only_large || other.held_ > part) end(other, ConnectionEnd::kMemory);
    }
  }
  return in_use() + held <= most;
}

bool ConnectionBudget::make_room_for_oversized(const Share& share) {
  if (oversized_ == nullptr) return true;
  const bool weaker = oversized_->standing_ < share.standing_;
  if (!weaker && oversized_->standing_ != Standing::kUnproved) return false;
  end(*oversized_, ConnectionEnd::kMemory);
  return true;
}

void ConnectionBudget::end(Share& share, ConnectionEnd why) {
  end_(share.id_, why);  // first: when that throws, the connection goes on with what it has
  remove(share);
}

}  // namespace plotbridge::http
