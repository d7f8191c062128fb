// How Intake goes on with the lines of an earlier run.
#include "plugin/app/intake.h"
#include "plugin/base/log.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

namespace plotbridge::app {
namespace {

using queue::SpooledQueue;

// Has its number in the place of a line that is gone, where those behind it must keep theirs: the
// endpoint may have them already. It adds nothing to a plot.
constexpr std::string_view kEmptyPoint = "{}\n";

/// The lines that an earlier run handed out, as they are to be handed out again.
struct Again {
  std::vector<queue::QueuedLine> lines;
  std::uint64_t known_before = 0;  // up to here each has the number that it had
};

Again again_from(std::uint64_t number, const std::vector<SpooledQueue::HandedOut>& handed_out,
                 const std::unordered_map<std::uint64_t, std::string>& found, TimePoint now) {
  Again again;
  again.known_before = number;
  bool exact = true;
  for (const auto& [id, was, certain] : handed_out) {
    const auto line = found.find(id);
    exact = exact && was == number + again.lines.size() && (certain || line != found.end());
    if (line != found.end()) {
      again.lines.push_back({line->second, now, id, true});
    } else if (exact) {
      again.lines.push_back({kEmptyPoint, now, queue::QueuedLine::kNoId, false});
    }
    if (exact) again.known_before = was + 1;
  }
  return again;
}

}  // namespace

void Intake::go_on_at(std::size_t stream, std::uint64_t number, TimePoint now) {
  queue::SpooledQueue& queue = slots_[stream].queue;
  std::unique_lock lock(mutex_);
  if (queue.resumes()) {
    lock.unlock();
    return resume_at(stream, number, now);
  }
  for (;;) {
    const auto arrived = queue.arrived(number);
    std::size_t lines = arrived.ids();
    if (lines > 0 && queue.has_holes()) {
      const std::uint64_t times = given_up_times_;
      lock.unlock();
      lines = count_stored(stream, arrived);
      lock.lock();
      if (giving_up_ || times != given_up_times_) continue;
    }
    return tell_arrived(stream, queue.go_on_at(number, lines));
  }
}

std::size_t Intake::count_stored(std::size_t stream, const SpooledQueue::Arrived& among) {
  std::size_t lines = 0;
  const auto read = options_.store->read(stream, among.from, [&](const queue::StoredLine& line) {
    if (line.id >= among.to) return false;
    ++lines;
    return true;
  });
  return read ? lines : among.ids();
}

// What was handed out comes into memory, whatever else there is: the endpoint may have more of it
// than it says, and skips so many lines.
void Intake::resume_at(std::size_t stream, std::uint64_t number, TimePoint now) {
  queue::SpooledQueue& queue = slots_[stream].queue;
  // Nobody appends or gives up meanwhile: what is read now is what there is.
  const std::lock_guard spool_lock(spool_mutex_);
  std::unique_lock lock(mutex_);
  const SpooledQueue::Resumption resumption = queue.resume_at(number);
  tell_arrived(stream, resumption.arrived);
  lock.unlock();
  std::unordered_map<std::uint64_t, std::string> found;
  for (const auto& line : resumption.again) found.try_emplace(line.id);
  std::vector<SpooledQueue::Spooled> rest;
  bool apart = true;
  const auto take = [&](const queue::StoredLine& line) {
    if (line.id >= resumption.among.to) return false;
    if (const auto again = found.find(line.id); again != found.end()) {
      again->second = line.bytes;
      apart = true;
      return true;
    }
    if (apart) rest.push_back({line.id, 0, 0});
    apart = false;
    rest.back().to = line.id + 1;
    ++rest.back().lines;
    return true;
  };
  if (!options_.store->read(stream, resumption.among.from, take)) {
    // What was not read stays where it is, to be asked for again when it is its turn.
    const std::uint64_t from = rest.empty() ? resumption.among.from : rest.back().to;
    rest.push_back({from, resumption.among.to, resumption.among.lines});
    log::warning(
        "the spool does not give what an earlier run left: some lines may be lost or come twice",
        {{"stream", slots_[stream].status.name}});
  }
  std::erase_if(found, [](const auto& line) { return line.second.empty(); });
  const Again again = again_from(number, resumption.again, found, now);
  lock.lock();
  queue.resume(number, again.lines, again.known_before, std::move(rest));
}

}  // namespace plotbridge::app
