#include "plugin/decode/proto_plan.h"

#include "plugin/base/scratch.h"
#include "plugin/decode/proto_scalar.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <variant>

namespace plotbridge::decode {

/// One element of a repeated field or one key of a map.
struct ProtoPlan::Pick {
  std::size_t index = 0;
  std::string key;  // of a map
  WireValue value;  // of a map: what was found
  bool found = false;
  std::vector<std::size_t> slots;
  std::unique_ptr<Node> child;
};

/// What is wanted of one field.
struct ProtoPlan::Entry {
  const ProtoField* field = nullptr;
  std::vector<std::size_t> slots;  // that are the whole of it
  std::unique_ptr<Node> child;     // of a singular message
  std::vector<Pick> picks;
  std::size_t size = 0;         // see size_of; 0: not counted yet
  bool collects = false;        // its values are looked at when the message is over
  std::size_t keep = SIZE_MAX;  // so many of its values, because no more are wanted
  std::vector<WireValue> values;
};

/// What is wanted of one message.
struct ProtoPlan::Node {
  const ProtoType* type = nullptr;
  std::vector<Entry*> by_index;  // by the place of the field in its type; null: not wanted
  std::vector<std::unique_ptr<Entry>> entries;
  std::map<int, std::vector<Entry*>> by_oneof;  // its members that are wanted
  bool present = false;
};

// Of the entry and all below it. Once all is wanted.
std::size_t ProtoPlan::size_of(Entry& entry) {
  if (entry.size > 0) return entry.size;
  const auto size_of_node = [](const std::unique_ptr<Node>& node) {
    std::size_t size = 0;
    for (std::size_t i = 0; node != nullptr && i < node->entries.size(); ++i) {
      size += size_of(*node->entries[i]);
    }
    return size;
  };
  entry.size = 1 + entry.slots.size() + size_of_node(entry.child);
  for (const Pick& pick : entry.picks) {
    entry.size += 1 + pick.slots.size() + size_of_node(pick.child);
  }
  return entry.size;
}

ProtoPlan::ProtoPlan(const ProtoType& type, std::size_t width, ProtoBudget& budget)
    : type_(type), budget_(budget), slots_(width), texts_(width), json_(budget) {
  node_of(root_, type);
}

ProtoPlan::~ProtoPlan() = default;

void ProtoPlan::want(const FieldPath& path, std::size_t slot) {
  if (path.steps.empty()) {
    whole_.push_back(slot);
  } else {
    want(*root_, path, 0, slot);
  }
}

ProtoPlan::Node& ProtoPlan::node_of(std::unique_ptr<Node>& child, const ProtoType& type) {
  if (child == nullptr) {
    child = std::make_unique<Node>();
    child->type = &type;
    child->by_index.resize(type.fields.size());
  }
  return *child;
}

ProtoPlan::Entry& ProtoPlan::entry_of(Node& node, const ProtoField& field) {
  const auto index = static_cast<std::size_t>(&field - node.type->fields.data());
  Entry*& entry = node.by_index[index];
  if (entry == nullptr) {
    entry = node.entries.emplace_back(std::make_unique<Entry>()).get();
    entry->field = &field;
    if (field.oneof >= 0) node.by_oneof[field.oneof].push_back(entry);
  }
  return *entry;
}

// One for all fields of an element, which is gone through once for all of them.
ProtoPlan::Pick& ProtoPlan::pick_of(Entry& entry, const FieldPath::Step& step) {
  Pick wanted;
  if (entry.field->map) {
    wanted.key = std::get<std::string>(step);
  } else {
    wanted.index = std::get<std::size_t>(step);
  }
  for (Pick& pick : entry.picks) {
    if (pick.key == wanted.key && pick.index == wanted.index) return pick;
  }
  return entry.picks.emplace_back(std::move(wanted));
}

void ProtoPlan::want(Node& node, const FieldPath& path, std::size_t step, std::size_t slot) {
  const ProtoField& field = *node.type->find(std::get<std::string>(path.steps[step]));
  Entry& entry = entry_of(node, field);
  if (++step == path.steps.size()) {
    entry.slots.push_back(slot);
    entry.keep = SIZE_MAX;
    entry.collects = entry.collects || field.repeated || is_message(field);
    return;
  }
  if (!field.repeated) return want(node_of(entry.child, *field.message), path, step, slot);
  const bool only_elements = !field.map && entry.slots.empty() && &entry != collected_ &&
                             (entry.picks.empty() || entry.keep != SIZE_MAX);
  entry.collects = true;
  Pick& pick = pick_of(entry, path.steps[step]);
  const ProtoType* type = field.message;
  if (field.map) {
    type = field.message->fields[field.message->index_of(2)].message;
  } else {
    const std::size_t before = entry.keep == SIZE_MAX ? 0 : entry.keep;
    if (only_elements) entry.keep = std::max(before, pick.index + 1);
  }
  if (++step == path.steps.size()) {
    pick.slots.push_back(slot);
  } else {
    want(node_of(pick.child, *type), path, step, slot);
  }
}

void ProtoPlan::collect(const FieldPath& path) {
  Node* node = root_.get();
  for (std::size_t i = 0;; ++i) {
    const ProtoField& field = *node->type->find(std::get<std::string>(path.steps[i]));
    Entry& entry = entry_of(*node, field);
    if (i + 1 == path.steps.size()) {
      entry.collects = true;
      entry.keep = SIZE_MAX;
      collected_ = &entry;
      return;
    }
    node = &node_of(entry.child, *field.message);
  }
}

std::span<const WireValue> ProtoPlan::collected() const { return collected_->values; }

bool ProtoPlan::read(std::string_view bytes) {
  std::fill(slots_.begin(), slots_.end(), Value::missing());
  budget_.begin_sample();
  json_.clear();
  reset(*root_);
  if (!walk(*root_, bytes) || !finish(*root_)) return false;
  for (const std::size_t slot : whole_) {
    texts_[slot].clear();
    json_.begin_value(texts_[slot]);
    const bool good = json_.append_message(type_, bytes, texts_[slot]);
    budget_.charge_text(texts_[slot].size());
    if (!good) {
      stop_ = json_.stop();
      return false;
    }
    slots_[slot] = Value::json(texts_[slot]);
  }
  return true;
}

void ProtoPlan::reset(Node& node) {
  node.present = false;
  for (const auto& entry : node.entries) forget(*entry);
}

void ProtoPlan::forget(Entry& entry) {
  for (const std::size_t slot : entry.slots) slots_[slot] = Value::missing();
  budget_.release(entry.values.size());
  entry.values.clear();
  if (entry.child != nullptr) reset(*entry.child);
  for (Pick& pick : entry.picks) {
    for (const std::size_t slot : pick.slots) slots_[slot] = Value::missing();
    if (pick.child != nullptr) reset(*pick.child);
  }
}

// Of a oneof the last member counts. False: `budget_` has refused it.
bool ProtoPlan::forget_others(Node& node, const ProtoField& member) {
  const auto members = node.by_oneof.find(member.oneof);
  if (members == node.by_oneof.end()) return true;
  std::size_t forgotten = 0;
  for (Entry* other : members->second) {
    if (other->field == &member) continue;
    forgotten += size_of(*other);
    forget(*other);
  }
  return forgotten == 0 || budget_.go_through(forgotten);
}

bool ProtoPlan::walk(Node& node, std::string_view bytes) {
  if (!node.present) {
    node.present = true;
    for (const auto& entry : node.entries) {
      if (entry->field->has_presence || entry->field->repeated) continue;
      for (const std::size_t slot : entry->slots) slots_[slot] = default_value(*entry->field);
    }
  }
  const ProtoType& type = *node.type;
  WireReader reader(bytes);
  while (!reader.done()) {
    std::uint32_t number = 0;
    WireType wire{};
    if (!reader.tag(number, wire)) return stopped(reader, type, budget_, stop_);
    const std::size_t index = type.index_of(number);
    const bool known = index != type.fields.size() && fits(type.fields[index], wire);
    if (known && type.fields[index].oneof >= 0 && !forget_others(node, type.fields[index])) {
      return stopped(reader, type, budget_, stop_);
    }
    Entry* entry = known ? node.by_index[index] : nullptr;
    if (entry != nullptr) {
      if (!take(*entry, reader, wire)) {
        const bool here = !reader.expected().empty() || !budget_.refused().empty();
        if (here) return stopped(reader, type, budget_, stop_);
        return false;  // inside of it, which was told
      }
      continue;
    }
    WireValue skipped;
    if (!reader.value(number, wire, skipped)) return stopped(reader, type, budget_, stop_);
  }
  return true;
}

bool ProtoPlan::take(Entry& entry, WireReader& reader, WireType type) {
  const ProtoField& field = *entry.field;
  if (entry.collects) {
    const std::size_t before = entry.values.size();
    if (!read_value(reader, field, type, entry.values, budget_, entry.keep)) return false;
    if (entry.child == nullptr) return true;
    return walk(*entry.child, entry.values[before].bytes);
  }
  WireValue value;
  if (!reader.value(field.number, type, value)) return false;
  if (entry.child != nullptr) return walk(*entry.child, value.bytes);
  for (const std::size_t slot : entry.slots) {
    if (!put_scalar(slot, field, value)) return false;
  }
  return true;
}

bool ProtoPlan::put_scalar(std::size_t slot, const ProtoField& field, const WireValue& value) {
  // Other scalars are short, or stay where they are.
  if (field.kind == ProtoKind::kBytes) {
    const std::size_t base64 = (value.bytes.size() + 2) / 3 * 4;
    if (base64 > budget_.text_room()) {
      static_cast<void>(budget_.no_room());
      stop_ = {value.bytes.data(), budget_.what(), {}, budget_.refused()};
      return false;
    }
    budget_.charge_text(base64);
  }
  slots_[slot] = scalar_value(field, value, texts_[slot]);
  return true;
}

void ProtoPlan::forget_scratch() {
  forget_scratch(*root_);
  json_.clear();
  trim_scratch(key_);
  for (std::string& text : texts_) trim_scratch(text);
}

void ProtoPlan::forget_scratch(Node& node) {
  for (const auto& entry : node.entries) {
    budget_.release(entry->values.size());
    entry->values.clear();
    trim_scratch(entry->values);
    if (entry->child != nullptr) forget_scratch(*entry->child);
    for (const Pick& pick : entry->picks) {
      if (pick.child != nullptr) forget_scratch(*pick.child);
    }
  }
}

bool ProtoPlan::finish(Node& node) {
  for (const auto& entry : node.entries) {
    if (entry->collects && !finish(*entry)) return false;
    if (entry->child != nullptr && entry->child->present && !finish(*entry->child)) return false;
  }
  return true;
}

bool ProtoPlan::finish(Entry& entry) {
  const ProtoField& field = *entry.field;
  if (field.repeated || !entry.values.empty()) {
    for (const std::size_t slot : entry.slots) {
      if (!put_json(slot, field, entry.values)) return false;
    }
  }
  if (field.map && !entry.picks.empty()) return finish_map(entry);
  for (Pick& pick : entry.picks) {
    if (pick.index >= entry.values.size()) continue;
    if (!put_pick(pick, field, entry.values[pick.index])) return false;
  }
  return true;
}

// All picks in one pass over the entries, of which the last one with a key counts.
bool ProtoPlan::finish_map(Entry& entry) {
  const ProtoField& field = *entry.field;
  for (Pick& pick : entry.picks) pick.found = false;
  std::size_t missing = entry.picks.size();
  for (auto at = entry.values.rbegin(); at != entry.values.rend() && missing > 0; ++at) {
    WireValue value;
    if (!json_.read_entry(field, at->bytes, key_, value)) {
      stop_ = json_.stop();
      return false;
    }
    for (Pick& pick : entry.picks) {
      if (pick.found || pick.key != key_) continue;
      pick.found = true;
      pick.value = value;
      --missing;
    }
  }
  const ProtoField& value_field = field.message->fields[field.message->index_of(2)];
  for (Pick& pick : entry.picks) {
    if (pick.found && !put_pick(pick, value_field, pick.value)) return false;
  }
  return true;
}

bool ProtoPlan::put_pick(Pick& pick, const ProtoField& field, const WireValue& value) {
  for (const std::size_t slot : pick.slots) {
    if (!put(slot, field, value)) return false;
  }
  if (pick.child == nullptr) return true;
  return walk(*pick.child, value.bytes) && finish(*pick.child);
}

bool ProtoPlan::put(std::size_t slot, const ProtoField& field, const WireValue& value) {
  if (is_message(field)) {
    const WireValue values[] = {value};
    ProtoField one = field;
    one.repeated = one.map = false;
    return put_json(slot, one, values);
  }
  return put_scalar(slot, field, value);
}

bool ProtoPlan::put_json(std::size_t slot, const ProtoField& field,
                         std::span<const WireValue> values) {
  std::string& text = texts_[slot];
  text.clear();
  if (!field.repeated && field.message->well_known == WellKnown::kTimestamp) {
    const auto whole = json_.joined(values, *field.message);
    if (whole) return put_time(slot, *field.message, *whole);
    stop_ = json_.stop();
    return false;
  }
  json_.begin_value(text);
  const bool good = json_.append_field(field, values, text);
  budget_.charge_text(text.size());
  if (!good) {
    stop_ = json_.stop();
    return false;
  }
  const bool number =
      !field.repeated && !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
  const bool plain_text = text.starts_with('"') && text.find('\\') == std::string::npos;
  if (text == "null") {
    slots_[slot] = Value::null();
  } else if (number) {
    slots_[slot] = Value::number(text);
  } else if (plain_text) {
    slots_[slot] = Value::of_text(std::string_view(text).substr(1, text.size() - 2));
  } else {
    slots_[slot] = Value::json(text);
  }
  return true;
}

bool ProtoPlan::put_time(std::size_t slot, const ProtoType& type, std::string_view bytes) {
  ProtoFields fields(budget_);
  if (!fields.read(type, bytes, stop_)) return false;
  const auto time = wall_time_of(read_time(fields));
  if (!time) {
    stop_ = {bytes.data(), "expected a time of the years 1678 to 2261", type.name};
    return false;
  }
  slots_[slot] = Value::of_time(*time);
  return true;
}

}  // namespace plotbridge::decode
