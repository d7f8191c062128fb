#include "plugin/decode/sparkplug_names.h"

#include "plugin/base/mixed_hash.h"

namespace plotbridge::decode {
namespace {

// An entry of the aliases, with its part of the buckets.
constexpr std::uint32_t kAliasBytes = hash_node_bytes<std::uint64_t, SparkplugMetricState*>();

std::size_t name_bytes(std::string_view name) {
  return name.size() < sizeof(std::string) / 2 ? 0 : heap_bytes(name.size() + 1);
}

// Bytes that were counted for something that is being made: given back, when that throws.
class Claim {
 public:
  Claim(StateMemory& memory, StateMemory::Entry& node, std::size_t bytes)
      : memory_(memory), node_(node), bytes_(bytes) {}
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() { memory_.release(node_, bytes_); }
  void keep() { bytes_ = 0; }

 private:
  StateMemory& memory_;
  StateMemory::Entry& node_;
  std::size_t bytes_;
};

}  // namespace

std::size_t SparkplugNames::AliasHash::operator()(std::uint64_t alias) const {
  return mixed_hash(alias, salt);
}

SparkplugDevice* SparkplugNames::find_device(std::string_view name) {
  const auto known = devices_.find(name);
  return known != devices_.end() ? &known->second : nullptr;
}

SparkplugDevice* SparkplugNames::learn_device(std::string_view name) {
  SparkplugDevice* known = find_device(name);
  if (known == nullptr) {
    const std::size_t bytes = tree_node_bytes<std::string, SparkplugDevice>() + name_bytes(name);
    if (!reserve(bytes, nullptr)) return nullptr;
    Claim claim(memory_, node_, bytes);
    const auto place = devices_.try_emplace(std::string(name)).first;
    claim.keep();
    known = &place->second;
    known->name = &place->first;
    known->bytes = bytes;
  }
  touch(*known);
  return known;
}

void SparkplugNames::touch(SparkplugDevice& device) {
  device.lived = deaths_;
  device.message = message_;
  by_recency_.touch(device);
}

void SparkplugNames::touch(SparkplugMetricState& metric) {
  metric.message = message_;
  metric.device->by_recency.touch(metric);
  touch(*metric.device);
}

SparkplugMetricState* SparkplugNames::find(SparkplugDevice& device, std::string_view name) {
  const auto known = device.metrics.find(name);
  if (known == device.metrics.end() || known->second.birth != birth_of(device)) return nullptr;
  return &known->second;
}

SparkplugMetricState* SparkplugNames::find(std::uint64_t alias) {
  const auto known = aliases_.find(alias);
  if (known == aliases_.end()) return nullptr;
  SparkplugMetricState* metric = known->second;
  return metric->birth == birth_of(*metric->device) ? metric : nullptr;
}

SparkplugMetricState* SparkplugNames::learn(SparkplugDevice& device, std::string_view name) {
  auto place = device.metrics.find(name);
  if (place == device.metrics.end()) {
    const std::size_t bytes =
        tree_node_bytes<std::string, SparkplugMetricState>() + name_bytes(name);
    if (!reserve(bytes, &device)) return nullptr;
    Claim claim(memory_, node_, bytes);
    place = device.metrics.try_emplace(std::string(name)).first;
    claim.keep();
    place->second.name = &place->first;
    place->second.device = &device;
    count(place->second, bytes);
  }
  SparkplugMetricState& metric = place->second;
  // An alias holds as long as the birth that gave it.
  if (metric.birth != birth_of(device)) drop_alias(metric);
  metric.birth = birth_of(device);
  touch(metric);
  return &metric;
}

bool SparkplugNames::give_alias(SparkplugMetricState& metric, std::uint64_t alias) {
  if (metric.has_alias && metric.alias == alias) return true;
  if (const auto known = aliases_.find(alias); known != aliases_.end()) drop_alias(*known->second);
  drop_alias(metric);
  if (!reserve(kAliasBytes, metric.device)) return false;
  Claim claim(memory_, node_, kAliasBytes);
  aliases_.emplace(alias, &metric);
  claim.keep();
  count(metric, kAliasBytes);
  metric.alias = alias;
  metric.has_alias = true;
  return true;
}

void SparkplugNames::end_birth(SparkplugDevice& device) {
  for (auto at = device.metrics.begin(); at != device.metrics.end();) {
    SparkplugMetricState& metric = (at++)->second;
    ++visits_;
    if (metric.birth != birth_of(device)) forget(metric);
  }
}

std::vector<SparkplugDevice*> SparkplugNames::alive() {
  std::vector<SparkplugDevice*> devices;
  // Whoever is touched has lived since the deaths that there had been: the older ones are behind.
  for (SparkplugDevice* at = by_recency_.newest(); at != nullptr && at->lived >= node_died_;
       at = at->older) {
    ++visits_;
    if (is_alive(*at)) devices.push_back(at);
  }
  return devices;
}

bool SparkplugNames::charge(SparkplugDevice& device, std::size_t bytes) {
  if (!reserve(bytes, &device)) return false;
  device.bytes += bytes;
  return true;
}

bool SparkplugNames::charge(SparkplugMetricState& metric, std::size_t bytes) {
  if (!memory_.reserve(node_, bytes)) {
    memory_.count_eviction(StateMemory::Kind::kSeries);
    return false;
  }
  count(metric, bytes);
  return true;
}

bool SparkplugNames::reserve(std::size_t bytes, SparkplugDevice* device) {
  while (!memory_.reserve(node_, bytes)) {
    if (!forget_one(device)) return false;
  }
  return true;
}

bool SparkplugNames::forget_one(SparkplugDevice* device) {
  SparkplugDevice* oldest = by_recency_.oldest();
  if (oldest != nullptr && oldest->message != message_) {
    memory_.count_eviction(StateMemory::Kind::kDevice);
    forget(*oldest);
    return true;
  }
  SparkplugMetricState* metric = device != nullptr ? device->by_recency.oldest() : nullptr;
  if (metric == nullptr || metric->message == message_) return false;
  memory_.count_eviction(StateMemory::Kind::kMetric);
  forget(*metric);
  return true;
}

void SparkplugNames::forget(SparkplugDevice& device) {
  visits_ += device.metrics.size();
  for (auto& [name, metric] : device.metrics) drop_alias(metric);
  memory_.release(node_, device.bytes);
  by_recency_.remove(device);
  devices_.erase(devices_.find(*device.name));
}

void SparkplugNames::forget(SparkplugMetricState& metric) {
  SparkplugDevice& device = *metric.device;
  drop_alias(metric);
  device.bytes -= metric.bytes;
  memory_.release(node_, metric.bytes);
  device.by_recency.remove(metric);
  device.metrics.erase(device.metrics.find(*metric.name));
}

void SparkplugNames::drop_alias(SparkplugMetricState& metric) {
  if (!metric.has_alias) return;
  aliases_.erase(metric.alias);
  metric.has_alias = false;
  metric.bytes -= kAliasBytes;
  metric.device->bytes -= kAliasBytes;
  memory_.release(node_, kAliasBytes);
  give_buckets_back();
}

// Else a node that had many aliases once would keep what nobody counts.
void SparkplugNames::give_buckets_back() {
  if (aliases_.bucket_count() <= 4 * aliases_.size() + 16) return;
  try {
    aliases_.rehash(0);
  } catch (const std::bad_alloc&) {
    // Without memory for fewer it keeps those that it has.
  }
}

void SparkplugNames::count(SparkplugMetricState& metric, std::size_t bytes) {
  metric.bytes += static_cast<std::uint32_t>(bytes);
  metric.device->bytes += bytes;
}

}  // namespace plotbridge::decode
