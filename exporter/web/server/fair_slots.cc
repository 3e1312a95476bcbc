#include "exporter/web/server/fair_slots.h"

namespace conntrack::exporter::web {

std::optional<FairSlots::Slot> FairSlots::Take(const std::string& source) {
  const std::scoped_lock lock(mutex_);
  const std::size_t open = by_source_.contains(source) ? number_ - kept_ : number_;
  if (number_ != 0 && taken_ >= open) return std::nullopt;
  const auto at = by_source_.try_emplace(source).first;
  ++at->second;
  ++taken_;
  return Slot(*this, at);
}

void FairSlots::Return(Count::iterator at) {
  const std::scoped_lock lock(mutex_);
  --taken_;
  if (--at->second == 0) by_source_.erase(at);
}

}  // namespace conntrack::exporter::web
