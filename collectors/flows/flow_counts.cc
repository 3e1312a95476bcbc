#include "collectors/flows/flow_counts.h"

#include <algorithm>
#include <bit>

namespace conntrack {
namespace {

constexpr std::size_t kProtocols = 256;
constexpr std::size_t kZones = 65536;

/// Returns the bits of StatusNames(). Counting fewer bits saves work per flow.
std::uint32_t CountedBits() {
  std::uint32_t bits = 0;
  for (const auto& status : kernel::StatusNames()) bits |= 1U << status.bit;
  return bits;
}

}  // namespace

std::uint32_t FlowCounts::ProtocolCounts::with(const kernel::StatusName& status) const {
  const auto set = status_bits[status.bit];
  return status.when_set ? set : flows - set;
}

FlowCounts::ProtocolCounts& FlowCounts::ProtocolCounts::operator+=(const ProtocolCounts& other) {
  flows += other.flows;
  for (std::size_t i = 0; i < states.size(); ++i) states[i] += other.states[i];
  for (std::size_t i = 0; i < status_bits.size(); ++i) status_bits[i] += other.status_bits[i];
  return *this;
}

FlowCounts::FlowCounts() : protocols_(kernel::kFamilyNames.size() * kProtocols) {}

void FlowCounts::Begin() {
  flows_ = 0;
  std::fill(protocols_.begin(), protocols_.end(), ProtocolCounts{});
  zones_.clear();
  lifetimes_.fill(0);
}

void FlowCounts::Visit(const kernel::Flow& flow) {
  static const std::uint32_t counted_bits = CountedBits();
  ++flows_;
  auto& counts = protocols_[kernel::FamilyIndex(flow) * kProtocols + flow.protocol];
  ++counts.flows;
  ++counts.states[kernel::StateIndex(flow)];
  for (auto bits = flow.status & counted_bits; bits != 0; bits &= bits - 1) {
    ++counts.status_bits[static_cast<std::size_t>(std::countr_zero(bits))];
  }
  if (flow.zone != 0) {
    if (zones_.empty()) zones_.resize(kZones);
    ++zones_[flow.zone];
  }
  if (flow.timeout) {
    const auto* bound = std::lower_bound(kLifetimes.begin(), kLifetimes.end(), *flow.timeout);
    if (bound != kLifetimes.end())
      ++lifetimes_[static_cast<std::size_t>(bound - kLifetimes.begin())];
  }
}

const FlowCounts::ProtocolCounts& FlowCounts::Of(std::size_t family, std::uint8_t protocol) const {
  return protocols_[family * kProtocols + protocol];
}

std::vector<std::pair<std::uint16_t, std::uint64_t>> FlowCounts::Zones() const {
  std::vector<std::pair<std::uint16_t, std::uint64_t>> zones;
  std::uint64_t outside = 0;
  for (std::size_t zone = 1; zone < zones_.size(); ++zone) {
    if (zones_[zone] == 0) continue;
    zones.emplace_back(static_cast<std::uint16_t>(zone), zones_[zone]);
    outside += zones_[zone];
  }
  if (flows_ > outside) zones.emplace_back(std::uint16_t{0}, flows_ - outside);
  std::ranges::sort(zones, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return zones;
}

std::array<std::uint64_t, FlowCounts::kLifetimes.size()> FlowCounts::EndingWithin() const {
  std::array<std::uint64_t, kLifetimes.size()> ending{};
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < ending.size(); ++i) ending[i] = sum += lifetimes_[i];
  return ending;
}

}  // namespace conntrack
