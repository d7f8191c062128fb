// What the outboxes of all streams have in common. Plain value; any thread.
#pragma once

#include "plugin/queue/line_store.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace plotbridge::app {

/// What happens when the spool is full.
enum class WhenSpoolFull : std::uint8_t { kDropOldest, kDropNewest, kBlock };

struct OutboxOptions {
  std::size_t memory = std::size_t{32} << 20;  // bytes, all streams together
  queue::LineStore* store = nullptr;           // null: memory alone; outlives the outbox
  std::size_t store_capacity = 0;              // bytes
  WhenSpoolFull when_spool_full = WhenSpoolFull::kDropOldest;
  /// Called on the pipeline's thread with the number of lines that were accepted just now, before
  /// the store has them.
  std::function<void(std::size_t lines)> on_lines{};
  /// Called on the pipeline's thread when `Outbox::wants_pause` has become true.
  std::function<void()> on_pressure{};
  /// Called when `Outbox::do_store_work` has something to do.
  std::function<void()> on_store_work{};
};

}  // namespace plotbridge::app
