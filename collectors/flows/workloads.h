// Flows by who owns them on this machine: pods, containers, units, network namespaces, the host.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/frequent_items.h"
#include "collectors/kernel_access.h"
#include "kernel/flow_source.h"
#include "kernel/namespaces/local_addresses.h"
#include "kernel/namespaces/namespace_entry.h"
#include "kernel/netlink/listeners.h"

namespace conntrack {

struct Workload {
  std::string kind;  ///< "pod", "container", "unit", "netns", "host".
  std::string name;
  std::string pod_uid = {};    ///< Of pods.
  std::string container = {};  ///< The first 12 digits of its ID, where known.

  friend auto operator<=>(const Workload&, const Workload&) = default;
};

/// \brief  Whose addresses and ports are on this machine.
/// An address or port that two workloads have belongs to neither: nobody can tell them apart.
class WorkloadMap {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNobody = std::numeric_limits<Index>::max();
  static constexpr Index kHost = 0;
  /// Addresses and ports beyond these belong to nobody.
  static constexpr std::size_t kMostAddresses = 4096;
  static constexpr std::size_t kMostPorts = 4096;

  WorkloadMap();

  void AddAddress(const kernel::LocalAddress& address, const Workload& owner);
  /// A port of the host.
  void AddListener(const kernel::Listener& listener, const Workload& owner);

  [[nodiscard]] Index OwnerOf(std::uint8_t family, const kernel::Address& address) const;
  /// Who serves a port of the host: the host where nobody else does.
  [[nodiscard]] Index ServerOf(const kernel::Flow& flow, const kernel::Address& address,
                               std::uint16_t port) const;

  [[nodiscard]] const std::vector<Workload>& workloads() const { return workloads_; }
  std::vector<Omission> omissions = {};  ///< What could not be read.

 private:
  struct Key {
    kernel::Address address;
    std::uint64_t rest;  // the family; of ports also the protocol and the port

    friend bool operator==(const Key&, const Key&) = default;
  };
  using Owners = std::unordered_map<Key, Index, KeyedHash>;

  void Add(Owners& owners, std::size_t most, const Key& key, const Workload& owner);

  std::vector<Workload> workloads_;
  std::map<Workload, Index> indices_;
  Owners addresses_;
  Owners ports_;
};

/// \brief  Reads the map of this machine.
/// Source:  fib_trie and if_inet6 of the own namespace, and of every other one as its first process
///          sees them; the listeners of the own namespace with their cgroups. Namespaces that no
///          process is in have no addresses here.
/// Errors:  of the addresses of the own namespace, and of DiscoverNamespaces(). All else is named in
///          `omissions`.
/// Threads and cost: any thread; 4 to 8 us for each process and some 50 us for each namespace.
[[nodiscard]] Result<WorkloadMap> ReadWorkloadMap(
    const KernelAccess& access,
    const kernel::NamespaceEntry& entry = kernel::KernelNamespaceEntry());

struct WorkloadFlows {
  Workload workload;
  std::uint64_t opened = 0;
  std::uint64_t received = 0;
};

struct WorkloadsSummary {
  std::vector<WorkloadFlows> top;  ///< The most flows first.
  WorkloadFlows other;             ///< Of the workloads that have no series.
  std::vector<Omission> omissions;
};

struct WorkloadsOptions {
  std::size_t max = 100;  ///< Workloads with series of their own.
  /// How the machine is read: before a walk, at most once in kMapAge.
  std::function<Result<WorkloadMap>()> read = {};
};

/// \brief  Counts the flows of one walk by workload. A flow is opened by the workload that has its
/// source, before or after SNAT, and received by the one that has its destination, after or before
/// DNAT; a flow between two counts once for each.
/// Threads and cost: one thread; no allocation a flow. Memory grows with the addresses of this
/// machine, up to some 2 MB, and not with those of flows.
class Workloads final : public kernel::FlowVisitor {
 public:
  static constexpr std::chrono::seconds kMapAge{10};

  explicit Workloads(WorkloadsOptions options) : options_(std::move(options)) {}

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  /// Errors:  of reading the machine before the walk.
  [[nodiscard]] Result<WorkloadsSummary> Summary() const;

 private:
  struct Count {
    std::uint32_t opened = 0;
    std::uint32_t received = 0;
  };

  const WorkloadsOptions options_;
  Result<WorkloadMap> map_;
  std::optional<std::chrono::steady_clock::time_point> read_;
  std::vector<Count> counts_;  // by index into workloads()
};

}  // namespace conntrack
