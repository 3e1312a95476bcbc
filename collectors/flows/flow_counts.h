// Counting flows.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernel/flow.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// \brief  Counts the flows of one walk: by family, protocol and state, by status bit, by zone, by
///         remaining lifetime. A flow is in exactly one state of one protocol of one family.
/// Threads and cost: one thread fills it, then any number may read. No allocation per flow; 90 kB,
///          and 256 kB more from the first flow in a zone other than 0.
class FlowCounts final : public kernel::FlowVisitor {
 public:
  /// Flows of one protocol of one family.
  struct ProtocolCounts {
    std::uint32_t flows = 0;
    std::array<std::uint32_t, kernel::kMaxStates> states{};  ///< By kernel::StateIndex().
    std::array<std::uint32_t, 16> status_bits{};             ///< Flows with that IPS_* bit set.

    [[nodiscard]] std::uint32_t with(const kernel::StatusName& status) const;

    /// Adds the counts of another protocol. For states to have a meaning, it must have the same
    /// states.
    ProtocolCounts& operator+=(const ProtocolCounts& other);
  };

  /// Upper bounds of the remaining lifetimes, in seconds: the timeouts that matter.
  static constexpr std::array<std::uint32_t, 10> kLifetimes = {10,  30,   60,    120,   300,
                                                               600, 3600, 21600, 86400, 432000};

  FlowCounts();

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] std::uint64_t flows() const { return flows_; }

  /// `family` is an index into kernel::kFamilyNames.
  [[nodiscard]] const ProtocolCounts& Of(std::size_t family, std::uint8_t protocol) const;

  /// Returns the flows by zone of the original direction, the fullest zones first. Empty zones are
  /// left out.
  [[nodiscard]] std::vector<std::pair<std::uint16_t, std::uint64_t>> Zones() const;

  /// Returns, for each i, the flows that end within kLifetimes[i] seconds if no packet comes;
  /// cumulative. Offloaded flows have no remaining lifetime and are never counted.
  [[nodiscard]] std::array<std::uint64_t, kLifetimes.size()> EndingWithin() const;

 private:
  std::uint64_t flows_ = 0;
  std::vector<ProtocolCounts> protocols_;  // [family][protocol]
  std::vector<std::uint32_t> zones_;       // empty until a flow has a zone other than 0
  std::array<std::uint32_t, kLifetimes.size()> lifetimes_{};
};

}  // namespace conntrack
