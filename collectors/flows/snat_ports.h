// Ports that source NAT uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collectors/flows/frequent_items.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// Flows that share one pool of ports: from one address behind NAT to one remote endpoint.
struct SnatTuple {
  std::string address;  ///< Address of the gateway, to which replies are sent.
  std::string protocol;
  std::string remote_address;
  std::string remote_port;
  std::string zone;  ///< Zone of the reply direction.

  friend bool operator==(const SnatTuple&, const SnatTuple&) = default;
};

/// Number of tuples that have `ports` ports in use.
struct PortUse {
  std::uint32_t ports = 0;
  std::uint32_t tuples = 0;

  friend bool operator==(const PortUse&, const PortUse&) = default;
};

/// The result of SnatPorts for one walk.
struct SnatSummary {
  TopList<SnatTuple> tuples;  ///< `flows` are ports in use.
  std::vector<PortUse> uses;  ///< All counted tuples, the most ports first.

  /// Returns the number of tuples with more than `ports` ports in use. Exact if `ports` is at least
  /// tuples.max_error, too low otherwise.
  [[nodiscard]] std::uint64_t TuplesAbove(std::uint64_t ports) const;
};

/// \brief  Counts the flows of one walk that went through source NAT, by the pool of ports that
///         they use.
/// Source:  the reply tuple of flows with IPS_SRC_NAT. nf_nat_used_tuple() checks whether a reply
///          tuple is in use, so each flow of an (address, protocol, remote address, remote port,
///          reply zone) has its own port. Only protocols with ports: the identifiers of ICMP echoes
///          do not run out.
/// Units:   flows, which equal ports.
/// Threads and cost: one thread. No allocation per flow; 0.5 MB. Exact up to 8192 tuples, then too
///          low by at most a 4096th of all flows behind NAT.
class SnatPorts final : public kernel::FlowVisitor {
 public:
  /// `top` is the number of tuples that are named.
  explicit SnatPorts(std::size_t top);

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] SnatSummary Summary() const;

 private:
  // Made of words that are written whole, like the keys of Talkers.
  struct Pool {
    kernel::Address address;
    kernel::Address remote_address;
    std::uint64_t rest;  // remote port, zone, family, protocol, most significant first

    // clang-tidy sees a comparison with literal 0 in the generated code.
    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const Pool&, const Pool&) = default;
  };

  [[nodiscard]] static SnatTuple NameOf(const Pool& pool);

  const std::size_t top_;
  FrequentItems<Pool> pools_;
};

}  // namespace conntrack
