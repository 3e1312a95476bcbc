// How many ports source NAT has taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "collectors/flows/frequent_items.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// What shares one pool of ports: flows from one address behind NAT to one remote endpoint.
struct SnatTuple {
  std::string address;  ///< That of the gateway, to which answers come.
  std::string protocol;
  std::string remote_address;
  std::string remote_port;
  std::string zone;  ///< Of the reply direction.

  friend bool operator==(const SnatTuple&, const SnatTuple&) = default;
};

/// How many tuples have so many ports in use.
struct PortUse {
  std::uint32_t ports = 0;
  std::uint32_t tuples = 0;

  friend bool operator==(const PortUse&, const PortUse&) = default;
};

/// What SnatPorts found in one walk.
struct SnatSummary {
  TopList<SnatTuple> tuples;  ///< `flows` are ports in use.
  std::vector<PortUse> uses;  ///< Of all tuples that are counted, the most ports first.

  /// Tuples with more ports in use than `ports`. Right where `ports` is at least
  /// tuples.max_error; too low below that.
  [[nodiscard]] std::uint64_t TuplesAbove(std::uint64_t ports) const;
};

/// \brief  Counts the flows of one walk that went through source NAT by the pool of ports that they
/// draw from.
/// Source:  the reply tuple of flows with IPS_SRC_NAT. nf_nat_used_tuple() asks whether one is
///          taken, so each flow of an (address, protocol, remote address, remote port, reply zone)
///          has a port of its own. Only protocols with ports: the identifiers of ICMP echoes do not
///          run out.
/// Units:   flows, which are ports.
/// Threads and cost: one thread. No allocation a flow; 0.5 MB. Exact up to 8192 tuples, then too
///          low by at most a 4096th of all flows behind NAT.
class SnatPorts final : public kernel::FlowVisitor {
 public:
  /// `top`: how many tuples are named.
  explicit SnatPorts(std::size_t top);

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] SnatSummary Summary() const;

 private:
  // Of words that are written whole, as the keys of Talkers are.
  struct Pool {
    kernel::Address address;
    kernel::Address remote_address;
    std::uint64_t rest;  // remote port, zone, family, protocol, from the top down

    // What the compiler makes of it compares with a literal 0.
    // NOLINTNEXTLINE(modernize-use-nullptr)
    friend auto operator<=>(const Pool&, const Pool&) = default;
  };

  [[nodiscard]] static SnatTuple NameOf(const Pool& pool);

  const std::size_t top_;
  FrequentItems<Pool> pools_;
};

}  // namespace conntrack
