#include "plugin/http/change_log.h"

#include "plugin/base/log.h"
#include "plugin/base/utf8.h"

#include <string>
#include <utility>

namespace plotbridge::http {
namespace {

constexpr std::size_t kShown = 200;

// Names are chosen by clients.
std::string shown(std::string_view name) {
  std::string valid;
  append_valid_utf8(whole_characters(name, kShown), valid);
  return valid;
}

}  // namespace

void ChangeLog::note(FileChange change, std::string_view kind, endpoint::FileId id,
                     std::string_view name, const Who& who, TimePoint now) {
  counts_[static_cast<std::size_t>(change)].fetch_add(1, std::memory_order_relaxed);
  if (!lines_.reserve_within(now, Duration::zero())) {
    ++suppressed_;
    return;
  }
  log::info(std::string(kind) + ' ' + std::string(name_of(change)) + " by REST",
            {{"name", shown(name)},
             {"id", id},
             {"user", shown(who.user)},
             {"from", who.from},
             {"suppressed", std::exchange(suppressed_, 0)}});
}

std::array<std::uint64_t, kFileChanges> ChangeLog::counts() const {
  std::array<std::uint64_t, kFileChanges> counts{};
  for (std::size_t i = 0; i < kFileChanges; ++i) counts[i] = counts_[i];
  return counts;
}

}  // namespace plotbridge::http
