// The hosts and services with the most flows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "collectors/flows/address_classes.h"
#include "collectors/flows/address_prefix.h"
#include "collectors/flows/frequent_items.h"
#include "kernel/flow_source.h"

namespace conntrack {

struct TalkersOptions {
  std::size_t top = 10;       ///< Number of names per list.
  unsigned ipv4_prefix = 32;  ///< Addresses that agree in this many bits count as one.
  unsigned ipv6_prefix = 64;
  std::vector<AddressClass> classes = {};
  bool pairs = false;  ///< Count pairs and backends too.
};

/// The service that a flow uses: "tcp", "443"; "icmp", "none".
struct Service {
  std::string protocol;
  std::string port;

  friend bool operator==(const Service&, const Service&) = default;
};

/// Two addresses that flows of a service connect.
struct Route {
  std::string from;
  std::string to;
  Service service;

  friend bool operator==(const Route&, const Route&) = default;
};

/// Flows of one class of addresses.
struct ClassFlows {
  std::string name;
  std::uint64_t as_source = 0;
  std::uint64_t as_destination = 0;
};

/// The result of Talkers for one walk.
struct TalkersSummary {
  TopList<std::string> sources;  ///< "10.0.0.1", "2001:db8::/64".
  TopList<std::string> destinations;
  TopList<Service> services;
  std::vector<ClassFlows> classes;      ///< "other" last; empty if no classes are set.
  std::optional<TopList<Route>> pairs;  ///< From source to destination; if requested.
  /// Flows through DNAT, from the original destination to the one that DNAT chose. Set together
  /// with pairs.
  std::optional<TopList<Route>> backends;
};

/// \brief  Counts the flows of one walk by source, destination and service, in bounded memory.
///         Addresses and ports are those of the original direction. Each list is exact up to 16384
///         keys, pairs and backends up to 8192. Beyond that, a count is too low by at most the
///         list's max_error. This is at most 2/16384 of all flows, for pairs and backends 2/8192.
///         Classes are exact. Backends and their original destinations are whole addresses; all
///         others are grouped by prefix.
/// Threads and cost: one thread. No allocation per flow; 1.6 MB, 2.5 MB with pairs, whatever the
///          number of flows.
class Talkers final : public kernel::FlowVisitor {
 public:
  explicit Talkers(const TalkersOptions& options);

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] TalkersSummary Summary() const;

 private:
  // Keys are made of words that are written whole. The hash reads whole words, and the processor
  // can forward a store only to a load of the same size.
  struct Host {
    kernel::Address address;
    std::uint64_t family;

    friend bool operator<(const Host& a, const Host& b) {
      return a.family != b.family ? a.family < b.family : a.address < b.address;
    }
  };
  using Port = std::uint32_t;  // the protocol, then the port or kNoPort

  struct Ends {
    kernel::Address from;
    kernel::Address to;
    std::uint64_t service;  // the family, then the Port

    friend bool operator<(const Ends& a, const Ends& b) {
      return std::tie(a.from, a.to, a.service) < std::tie(b.from, b.to, b.service);
    }
  };

  struct Routes {
    FrequentItems<Ends> pairs;
    FrequentItems<Ends> backends;
  };

  struct ClassCount {
    std::uint32_t as_source = 0;
    std::uint32_t as_destination = 0;
  };

  [[nodiscard]] TopList<std::string> TopHosts(const FrequentItems<Host>& hosts) const;
  [[nodiscard]] TopList<Service> TopServices() const;
  [[nodiscard]] TopList<Route> TopRoutes(const FrequentItems<Ends>& routes, unsigned ipv4_prefix,
                                         unsigned ipv6_prefix) const;

  const std::size_t top_;
  const unsigned ipv4_prefix_;
  const unsigned ipv6_prefix_;
  const kernel::Address ipv4_mask_;
  const kernel::Address ipv6_mask_;
  FrequentItems<Host> sources_;
  FrequentItems<Host> destinations_;
  FrequentItems<Port> services_;
  std::uint64_t other_family_ = 0;  // flows of families other than IPv4 and IPv6
  std::optional<AddressClasses> classes_;
  std::vector<ClassCount> class_counts_;  // by index into classes_->names()
  std::optional<Routes> routes_;
};

}  // namespace conntrack
