#include "plugin/app/delivery_proof.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace plotbridge::app {

using stream::Bisect;
using stream::CloseReason;
using stream::Ending;

namespace {

// An endpoint, or a proxy before it, that does not want the request says so within this time, while
// its TCP takes whatever we send.
constexpr Duration kRequestRefusedWithin = std::chrono::seconds(1);
// An endpoint that acknowledges lines says so at once; from one that has not by then nothing is to
// be expected, if it is not that it stands still.
constexpr Duration kAcknowledgesWithin = std::chrono::seconds(3);
// One that answers others when a stream has waited for so long already, and not the stream a moment
// later, does not stand still.
constexpr Duration kOthersAfter = std::chrono::seconds(1);
constexpr Duration kMoment = std::chrono::seconds(1);
// One that has counted lines of an earlier run counts; only the connection may be stuck on its way.
constexpr Duration kLongMoment = std::chrono::seconds(60);
// One that answers nobody for so long is left alone with what its TCP takes: lines have to go
// somewhere.
constexpr Duration kSilentMost = std::chrono::seconds(15);
constexpr Duration kLookAgain = std::chrono::milliseconds(500);
// Lines that wait for one answer are in memory.
constexpr std::size_t kMostToAnswerFor = 5'000;
// What an earlier run may have had on its way.
constexpr std::uint64_t kMostOfEarlierRun = 1'000'000;
// Announced as the first line's number, so that the endpoint answers with the right one.
constexpr std::uint64_t kNoSuchLine = std::numeric_limits<std::uint64_t>::max() >> 1U;
// An endpoint that ends streams without an answer proves less by it; after so many such ends in a
// row that is taken for its way.
constexpr int kUnansweredMost = 3;

}  // namespace

DeliveryProof::DeliveryProof(Intake& intake, std::size_t stream, Delivery& delivery)
    : intake_(intake), stream_(stream), delivery_(delivery), place_known_(!delivery.resumes) {}

std::optional<std::uint64_t> DeliveryProof::dial() {
  const std::uint64_t front = intake_.front_number(stream_);
  if (bisect_.active()) bisect_.advance_to(front);
  if (std::exchange(plain_once_, false) || !delivery_.acknowledgements) {
    proof_ = delivery_.checkpoint > Duration(0) ? Proof::kAnswer : Proof::kTcp;
    return std::nullopt;
  }
  proof_ = Proof::kAsked;
  return place_known_ ? front : kNoSuchLine;
}

void DeliveryProof::connected(TimePoint now) {
  connected_at_ = now;
  others_answered_at_ = kNever;
}

bool DeliveryProof::settle(bool acknowledges, TimePoint now) {
  if (proof_ != Proof::kAsked) return false;
  if (acknowledges && place_known_) {
    proof_ = Proof::kAcks;
    delivery_.acknowledged = true;
    return false;
  }
  // One that takes a number that no line has counts in a way of its own.
  const bool late = now - connected_at_ >= kAcknowledgesWithin && !delivery_.acknowledged &&
                    (place_known_ || answers_others(now));
  const bool gives_none = acknowledges || late;
  if (!gives_none) return false;
  proof_ = Proof::kTcp;
  if (!place_known_) {
    // An endpoint that counts after all throws away what follows such a number.
    last_line_ = intake_.front_number(stream_);
    plain_once_ = true;
    if (!acknowledges && others_answered_at_ == kNever)
      return false;  // it may count once it is back
  }
  return std::exchange(delivery_.acknowledgements, false);
}

// Until the endpoint has shown once that it acknowledges lines, what its TCP has is all there is.
bool DeliveryProof::trusts_tcp() const {
  return proof_ == Proof::kTcp || (proof_ == Proof::kAsked && !delivery_.acknowledged);
}

// What is on disk must not be taken for delivered because the TCP of an endpoint that stands still
// has it.
bool DeliveryProof::answers_others(TimePoint now) {
  if (!delivery_.other_answer) return true;
  const bool has_counted = intake_.was_counted(stream_);
  if (!has_counted && now - connected_at_ >= kSilentMost) return true;
  if (others_answered_at_ == kNever) {
    const TimePoint answered = delivery_.other_answer();
    if (answered >= connected_at_ + kOthersAfter) others_answered_at_ = answered;
  }
  const Duration moment = has_counted ? kLongMoment : kMoment;
  return others_answered_at_ != kNever && now >= others_answered_at_ + moment;
}

TimePoint DeliveryProof::held_until(TimePoint now) const {
  if (!asks_for_place()) return TimePoint::min();
  const TimePoint usual = connected_at_ + kAcknowledgesWithin;
  return now < usual ? usual : now + kLookAgain;
}

std::uint64_t DeliveryProof::stop_before() const {
  return bisect_.active() ? std::min(bisect_.limit(), last_line_) : last_line_;
}

void DeliveryProof::sent(std::size_t wire_bytes, std::size_t lines, bool half, TimePoint now) {
  if (!in_flight_.sent_lines()) first_line_at_ = now;
  in_flight_.sent(wire_bytes, lines);
  half_sent_ = half;
  if (proof_ == Proof::kAnswer && lines > 0 && last_line_ == Intake::kNoLimit) {
    if (checkpoint_at_ == kNever) checkpoint_at_ = now + delivery_.checkpoint;
    if (in_flight_.lines() >= kMostToAnswerFor) checkpoint_at_ = std::min(checkpoint_at_, now);
  }
  if (!numbered()) return;
  sent_before_ = std::max(sent_before_, intake_.front_number(stream_));
  release_acknowledged();
}

void DeliveryProof::tcp_has(std::int64_t bytes, TimePoint now) {
  // Unknown: counted as arrived when it was handed over.
  in_flight_.acknowledged(bytes >= 0 ? bytes : std::numeric_limits<std::int64_t>::max(), now);
  if (proof_ == Proof::kAcks) in_flight_.take_acknowledged();  // the endpoint knows better
  // While a bad line is looked for, too, only the answer counts.
  if (!trusts_tcp() || bisect_.active()) return;
  // Then what waited goes out in a burst, too.
  const bool early = now - first_line_at_ < kRequestRefusedWithin;
  const auto& kept = early ? stream::InFlight::kKeptEarly : stream::InFlight::kKept;
  if (const std::size_t lines = in_flight_.take_settled(now, kept)) {
    intake_.release(stream_, lines);
  }
}

bool DeliveryProof::acknowledged(std::uint64_t next) {
  if (proof_ != Proof::kAcks) return true;
  // An earlier run may have sent more than this one until now; then the rest is on its way.
  const std::uint64_t most = delivery_.resumes ? sent_before_ + kMostOfEarlierRun : sent_before_;
  if (next > most) return false;
  acknowledged_before_ = std::max(acknowledged_before_, next);
  release_acknowledged();
  return true;
}

void DeliveryProof::release_acknowledged() {
  // What the endpoint had before this connection goes over the wire all the same, since it counts.
  const std::uint64_t whole = intake_.front_number(stream_) - (half_sent_ ? 1 : 0);
  intake_.release_before(stream_, std::min(acknowledged_before_, whole));
}

std::optional<std::string> DeliveryProof::ended(const Ending* ending,
                                                std::optional<CloseReason> reason, TimePoint now) {
  half_sent_ = false;
  const bool bad_data = reason == CloseReason::kBadData;
  const bool searching = bisect_.active();
  const bool names_bad_line = proof_ == Proof::kAcks && bad_data && ending != nullptr &&
                              ending->next_line && ending->close == "bad-line";
  const bool by_answer = searching || proof_ == Proof::kAnswer;
  const bool well = by_answer && answered(ending, reason == CloseReason::kDone);
  const bool begin_search = bad_data && !names_bad_line && in_flight_.lines() > 0;
  const bool refused = reason == CloseReason::kOutOfStep || took_nothing(ending, now);
  if (trusts_tcp() && !by_answer && !begin_search && !refused) {
    intake_.release(stream_, in_flight_.take_acknowledged());
  } else if (well && !begin_search) {
    intake_.release(stream_, searching ? in_flight_.take_acknowledged() : in_flight_.take_all());
  }
  const auto again = intake_.send_again(stream_, [&](std::uint64_t front, std::size_t lines) {
    if (names_bad_line) return front == *ending->next_line;
    if (!begin_search) return false;
    const auto verdict = searching ? bisect_.refused() : bisect_.begin(front, front + lines);
    return verdict == Bisect::Verdict::kCulprit;
  });
  if (searching && well && again.lines == 0) bisect_.taken();
  if (reason == CloseReason::kOutOfStep && ending != nullptr && ending->next_line) {
    intake_.go_on_at(stream_, *ending->next_line, now);
    place_known_ = true;
    // Who counts lines acknowledges them: from here on its TCP's word is nothing.
    delivery_.acknowledged = delivery_.acknowledgements = true;
    sent_before_ = acknowledged_before_ = *ending->next_line;
  }
  in_flight_.clear();
  last_line_ = Intake::kNoLimit;
  checkpoint_at_ = kNever;
  return again.refused;
}

// Whether a body that was ended for the answer's sake has got one.
bool DeliveryProof::answered(const Ending* ending, bool well) {
  if (!well) return false;
  if (bisect_.active()) return ending != nullptr || bisect_.unanswered();
  const bool said_so = ending != nullptr && ending->how == Ending::How::kStatus;
  unanswered_ends_ = said_so ? 0 : std::min(unanswered_ends_ + 1, kUnansweredMost);
  return said_so || unanswered_ends_ >= kUnansweredMost;
}

// Whether the endpoint refused the request itself, whatever its TCP has acknowledged.
bool DeliveryProof::took_nothing(const Ending* ending, TimePoint now) const {
  return ending != nullptr && ending->how == Ending::How::kStatus && ending->status >= 300 &&
         now - connected_at_ < kRequestRefusedWithin;
}

}  // namespace plotbridge::app
