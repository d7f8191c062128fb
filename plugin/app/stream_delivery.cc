#include "plugin/app/stream_delivery.h"

#include "plugin/stream/tcp_proof.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace plotbridge::app {

using stream::BadLineSearch;
using stream::CloseReason;
using stream::Ending;

namespace {

// Lines that wait for one answer can be sent again.
constexpr std::uint64_t kMostToAnswerFor = 5'000;
// An endpoint that ends streams without an answer proves less by it; after so many such ends in a
// row that is taken for its way.
constexpr int kMaxUnansweredEnds = 3;
// An endpoint that acknowledges lines says at once what it has. If something between holds that
// back (nginx does until the stream ends), it is asked, and again every so often.
constexpr Duration kSaysAtOnce = std::chrono::seconds(2);
constexpr Duration kAskAgain = std::chrono::seconds(1);
// It acknowledges what it has within a fraction of a second. Caddy goes on taking lines for an
// endpoint that was killed.
constexpr Duration kAcknowledges = std::chrono::seconds(10);

}  // namespace

StreamDelivery::StreamDelivery(Outbox& outbox, std::size_t stream, Delivery& shared)
    : outbox_(outbox), stream_(stream), shared_(shared) {}

std::optional<std::uint64_t> StreamDelivery::dial() {
  if (search_.active()) search_.keep(outbox_.unresolved_of(stream_, search_.suspects()));
  acks_ = nullptr;
  answer_ = nullptr;
  stop_ = sent_lines_ = false;
  checkpoint_at_ = ask_at_ = look_at_ = kNever;
  wire_bytes_ = 0;
  if (shared_.acks.acknowledges()) {
    const std::uint64_t announced = outbox_.next_offset(stream_);
    auto acks = std::make_unique<stream::AckProof>(announced);
    acks_ = acks.get();
    proof_ = std::move(acks);
    return announced;
  }
  if (search_.active() || shared_.checkpoint > Duration(0)) {
    auto answer = std::make_unique<stream::AnswerProof>();
    answer_ = answer.get();
    proof_ = std::move(answer);
  } else {
    proof_ = std::make_unique<stream::TcpProof>();
  }
  return std::nullopt;
}

void StreamDelivery::connected(TimePoint now) {
  connected_at_ = now;
  ask_at_ = now + kSaysAtOnce;
  held_until_ = TimePoint::min();
  if (shared_.acks.is_known() || !shared_.ask) return;
  // Nobody answered so far, and somebody is there now.
  held_until_ = now + stream::AckSupport::kPatience;
  shared_.ask();
}

TimePoint StreamDelivery::held_until() const {
  if (waits_for_have()) return kNever;
  return shared_.acks.is_known() ? TimePoint::min() : held_until_;
}

void StreamDelivery::ask(TimePoint now) {
  ask_at_ = now + kAskAgain;
  if (!waits_for_have() && outbox_.progress(stream_).in_flight == 0) return;
  if (shared_.ask_what_it_has) shared_.ask_what_it_has(stream_);
}

Outbox::Filled StreamDelivery::fill(std::span<char> room, TimePoint now) {
  StreamOutbox::Limits limits;
  limits.only = search_.active() ? &search_.half() : nullptr;
  limits.stop = stop_;
  limits.position = acks_ != nullptr ? &acks_->offset() : nullptr;
  return outbox_.fill(stream_, room, now, limits, filled_);
}

void StreamDelivery::sent(std::size_t wire_bytes, TimePoint now) {
  sent_lines_ = sent_lines_ || !filled_.empty();
  wire_bytes_ += static_cast<std::int64_t>(wire_bytes);
  if (acks_ != nullptr && !filled_.empty() && look_at_ == kNever) look_at_ = now + kAcknowledges;
  proof_->sent(wire_bytes, filled_, now);
  if (answer_ == nullptr || filled_.empty() || stop_ || search_.active()) return;
  if (checkpoint_at_ == kNever) checkpoint_at_ = now + shared_.checkpoint;
  if (answer_->lines() >= kMostToAnswerFor) checkpoint_at_ = std::min(checkpoint_at_, now);
}

void StreamDelivery::stop_here() {
  stop_ = true;
  checkpoint_at_ = kNever;
}

void StreamDelivery::tell_arrived(TimePoint now) {
  outbox_.arrived(stream_, arrived_, now);
  arrived_.clear();
}

void StreamDelivery::tcp_has(std::int64_t bytes, TimePoint now) {
  if (!proof_) return;
  // Unknown: counted as arrived when it was handed over.
  proof_->tcp_has(bytes >= 0 ? bytes : std::numeric_limits<std::int64_t>::max(), now, arrived_);
  tell_arrived(now);
}

bool StreamDelivery::have(std::span<const OffsetRange> offsets, bool asked, TimePoint now) {
  if (acks_ == nullptr) return true;
  if (!asked) ask_at_ = kNever;  // they come through
  const bool first = acks_->is_waiting();
  const bool are_known = outbox_.acknowledged(stream_, offsets, first, now);
  const Outbox::Progress progress = outbox_.progress(stream_);
  if (first) acks_->have(offsets, progress.begin);
  // An answer that says the same again is none to what is in flight.
  const bool has_more = std::exchange(resolved_, progress.resolved) != progress.resolved;
  if (progress.in_flight == 0) look_at_ = kNever;
  if (look_at_ != kNever && has_more) look_at_ = now + kAcknowledges;
  return are_known;
}

bool StreamDelivery::is_stalled(std::int64_t tcp_bytes, TimePoint now) {
  if (now < look_at_) return false;
  look_at_ = now + kAcknowledges;
  return tcp_bytes >= wire_bytes_;
}

void StreamDelivery::ended(const Ending* ending, std::optional<CloseReason> reason, TimePoint now) {
  if (!proof_) return;
  const bool bad_data = reason == CloseReason::kBadData;
  stream::ConnectionEnd end;
  end.answered = answered(ending, reason == CloseReason::kDone);
  end.refused_line = bad_data;
  end.refused_request = ending != nullptr && ending->how == Ending::How::kStatus &&
                        ending->status >= 300 &&
                        now - connected_at_ < stream::TcpProof::kRequestRefusedWithin;
  proof_->ended(end, arrived_);
  tell_arrived(now);
  RangeSet in_flight = outbox_.connection_ended(stream_);
  const auto named = acks_ != nullptr && ending != nullptr ? ending->bad_line : std::nullopt;
  if (bad_data && named && !outbox_.is_resolved(stream_, *named)) {
    refused_ = named;
  } else {
    search_on(bad_data, end.answered, std::move(in_flight));
  }
  proof_.reset();
  acks_ = nullptr;
  answer_ = nullptr;
}

void StreamDelivery::search_on(bool refused, bool accepted, RangeSet in_flight) {
  auto verdict = BadLineSearch::Verdict::kGoOn;
  if (refused && search_.active()) {
    verdict = search_.refused();
  } else if (refused && !in_flight.empty()) {
    verdict = search_.begin(std::move(in_flight));
  } else if (accepted && search_.active()) {
    // Also where its acknowledgements do not come through.
    verdict = search_.accepted();
  }
  if (verdict == BadLineSearch::Verdict::kFound) refused_ = search_.culprit();
}

// Whether a body that was ended for the answer's sake has got one.
bool StreamDelivery::answered(const Ending* ending, bool well) {
  if (!well || (answer_ == nullptr && !search_.active())) return false;
  if (search_.active()) return ending != nullptr || search_.unanswered();
  const bool said_so = ending != nullptr && ending->how == Ending::How::kStatus;
  unanswered_ends_ = said_so ? 0 : std::min(unanswered_ends_ + 1, kMaxUnansweredEnds);
  return said_so || unanswered_ends_ >= kMaxUnansweredEnds;
}

std::optional<std::string> StreamDelivery::take_out_refused() {
  if (!refused_) return std::nullopt;
  auto line = outbox_.take_out(stream_, *refused_);
  if (line || outbox_.is_resolved(stream_, *refused_)) refused_.reset();
  return line;
}

}  // namespace plotbridge::app
