#include "tests/simulation/simulated_endpoint.h"

#include <gtest/gtest.h>

#include <limits>
#include <utility>

namespace plotbridge::test {
namespace {

using namespace std::chrono_literals;

constexpr int kMostStreams = 4;  // that it knows; others have no place in its state

}  // namespace

stream::Ending ending(stream::Ending::How how, int status) {
  stream::Ending result;
  result.how = how;
  result.status = status;
  return result;
}

void SimulatedEndpoint::acknowledge_lines() { begin_real(); }

void SimulatedEndpoint::begin_real() {
  endpoint::Options options;
  endpoint::PlotOptions plot;
  plot.name = "all";
  for (int i = 0; i < kMostStreams; ++i) {
    const std::string name = "stream" + std::to_string(i);
    options.streams.push_back({name, Secret("token" + std::to_string(i))});
    plot.traces.push_back({name, {}, 10, "{}"});
  }
  options.plots.push_back(std::move(plot));
  options.saved = disk_.saved();
  real_ = std::make_unique<endpoint::Endpoint>(std::move(options));
}

void SimulatedEndpoint::end_uploads() {
  for (const auto& wire : uploading_) {
    if (const auto known = wire.lock()) known->upload.reset();
  }
  uploading_.clear();
}

std::shared_ptr<Wire> SimulatedEndpoint::accept(
    int client, const std::string& token, std::function<void(const stream::Ending&)> tell_client,
    const std::optional<Producer>& producer, std::function<void(const Ranges&)> acknowledge) {
  if (!up) return nullptr;
  auto wire = std::make_shared<Wire>();
  wire->client = client;
  wire->token = token;
  wire->tell_client = std::move(tell_client);
  wire->acknowledge = std::move(acknowledge);
  if (auto& refused = refusals[token]; !refused.empty()) {
    const stream::Ending answer = refused.front();
    refused.pop_front();
    end(*wire, answer);
    return wire;
  }
  auto& owner = owners_[token];
  if (owner && owner->open) {
    if (owner->client != client) take_overs.push_back({world.now, client, token});
    end(*owner, evicts);
  }
  owner = wire;
  uploading_.push_back(wire);
  if (acknowledges() && producer && begin_upload(*wire, *producer)) {
    wire->told = have(*wire);
    tell(*wire, wire->told);
  }
  return wire;
}

bool SimulatedEndpoint::begin_upload(Wire& wire, const Producer& producer) {
  wire.producer = producer.name;
  wire.id = ++last_id_;
  wire.upload = std::make_unique<endpoint::Upload>(*real_, wire.id);
  endpoint::Upload::Head head;
  head.token = wire.token;
  head.content_length = std::numeric_limits<std::uint64_t>::max();
  head.wish.numbering = {producer.name, producer.epoch, producer.first};
  wire.upload->start(head, world.now, {});
  wire.upload->take_evicted();
  if (!wire.upload->ended()) return true;
  ADD_FAILURE() << "refused with " << endpoint::code_of(*wire.upload->ended());
  return false;
}

bool SimulatedEndpoint::receive(Wire& wire, std::string_view body) {
  if (!wire.open) return wire.drains;
  wire.partial += body;
  std::size_t start = 0;
  for (std::size_t stop = 0; (stop = wire.partial.find('\n', start)) != std::string::npos;
       start = stop + 1) {
    if (stop == start) continue;
    const std::string line = wire.partial.substr(start, stop - start);
    if (line.find("poison") != std::string::npos) {
      end(wire, ending(stream::Ending::How::kStatus, 422));
      wire.drains = true;
      return true;
    }
    take_line(wire, line);
  }
  wire.partial.erase(0, start);
  return true;
}

void SimulatedEndpoint::take_line(Wire& wire, const std::string& line) {
  if (!wire.upload) {
    lines[wire.token].push_back(line);
    return;
  }
  const std::uint64_t before = wire.upload->lines();
  wire.upload->take(line + "\n", world.now);
  EXPECT_FALSE(wire.upload->ended()) << line;
  if (wire.upload->lines() > before) lines[wire.token].push_back(line);
}

Ranges SimulatedEndpoint::have(const Wire& wire) const {
  const auto have = real_->standing(wire.token, wire.producer).have;
  return {have.begin(), have.end()};
}

void SimulatedEndpoint::tell(Wire& wire, const Ranges& ranges) {
  world.after(world.between(kLeastDelay, kMostDelay),
              [acknowledge = &wire.acknowledge, keep = owners_[wire.token], ranges] {
                if (*acknowledge) (*acknowledge)(ranges);
              });
}

void SimulatedEndpoint::commit() {
  if (!acknowledges()) return;
  for (endpoint::StateChanges changes = real_->take_changes();; changes = real_->take_changes()) {
    disk_.commit(changes);
    if (changes.whole) break;
  }
  real_->changes_kept();
  for (const auto& [token, all] : lines) {
    auto& kept = kept_lines_[token];
    kept.insert(kept.end(), all.begin() + static_cast<std::ptrdiff_t>(kept.size()), all.end());
  }
  for (auto& [token, wire] : owners_) {
    if (!wire || !wire->open || !wire->upload) continue;
    Ranges now = have(*wire);
    if (now == wire->told) continue;
    wire->told = std::move(now);
    tell(*wire, wire->told);
  }
}

void SimulatedEndpoint::crash(Duration away) {
  restart(away, ending(stream::Ending::How::kReset));
  lines = kept_lines_;
  if (!acknowledges()) return;
  end_uploads();
  disk_.forget_unfinished();
  begin_real();
}

void SimulatedEndpoint::end(Wire& wire, const stream::Ending& how) {
  if (!wire.open) return;
  wire.open = false;
  wire.upload.reset();
  world.after(world.between(kLeastDelay, kMostDelay),
              [tell = wire.tell_client, how] { tell(how); });
}

void SimulatedEndpoint::restart(Duration away, const stream::Ending& how) {
  for (auto& [token, owner] : owners_) {
    if (owner && owner->open) end(*owner, how);
  }
  up = away <= 0s;
  world.after(away, [this] { up = true; });
}

void SimulatedEndpoint::restart_in_good_order(Duration most) {
  commit();
  stream::Ending told = ending(stream::Ending::How::kStatus, 503);
  told.close = "restart";
  restart(world.between(0s, most), told);
}

void SimulatedEndpoint::commit_now_and_then(const bool& goes_on) {
  world.after(world.between(50ms, 2s), [this, &goes_on] {
    if (!goes_on) return;
    commit();
    commit_now_and_then(goes_on);
  });
}

Wire* SimulatedEndpoint::owner(const std::string& token) {
  const auto& owner = owners_[token];
  return owner && owner->open ? owner.get() : nullptr;
}

}  // namespace plotbridge::test
