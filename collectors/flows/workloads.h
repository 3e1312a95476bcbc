// Flows by who owns them on this machine: pods, containers, units, network namespaces, the host.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "collectors/collector.h"
#include "collectors/flows/frequent_items.h"
#include "collectors/kernel_access.h"
#include "kernel/flow_source.h"
#include "kernel/namespaces/local_addresses.h"
#include "kernel/namespaces/namespace_entry.h"
#include "kernel/namespaces/namespaces.h"
#include "kernel/netlink/listeners.h"

namespace conntrack {

struct Workload {
  std::string kind;  ///< "pod", "container", "unit", "netns", "host".
  std::string name;
  std::string pod_uid = {};    ///< Of pods.
  std::string container = {};  ///< The first 12 digits of its ID, where known.

  friend bool operator==(const Workload&, const Workload&) = default;
  friend bool operator<(const Workload& a, const Workload& b) {
    return std::tie(a.kind, a.name, a.container) < std::tie(b.kind, b.name, b.container);
  }
};

/// \brief  Whose addresses and ports are on this machine.
/// An address or port that two workloads have belongs to neither, for nobody can tell them apart;
/// one that the host has too is the host's.
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
  /// Who serves the port of the host that answers a flow: the host where nobody else does.
  [[nodiscard]] Index ServerOf(const kernel::Flow& flow) const;

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

/// \brief  Adds the owners of the ports that sockets of the own namespace listen on.
/// Source:  the cgroup of the socket, or else that of a process that has it open. Sockets of the
///          kernel (VXLAN, WireGuard, NFS) may have neither: they are the host's.
/// Errors:  sockets whose owner cannot be found because something is hidden, or in time, are named
///          in `omissions`.
/// Threads and cost: of FindCgroups(); where that finds not all, also of FindHolders().
void AddListeners(const std::vector<kernel::Listener>& listeners,
                  const kernel::Discovery& discovery, const KernelAccess& access,
                  const std::function<bool()>& keep_going, WorkloadMap& map);

/// \brief  Reads the map of this machine.
/// Source:  fib_trie and if_inet6 of the own namespace, and of every other one as its first process
///          sees them; the listeners of the own namespace with their cgroups. Namespaces that no
///          process is in have no addresses here.
/// Errors:  of DiscoverNamespaces(). All else is named in `omissions`.
/// Threads and cost: any thread; 4 to 8 us for each process; for each namespace its name and two files.
[[nodiscard]] Result<WorkloadMap> ReadWorkloadMap(
    const KernelAccess& access, const std::stop_token& stop = {},
    const kernel::NamespaceEntry& entry = kernel::KernelNamespaceEntry());

/// \brief  Keeps a map of this machine that is some seconds old, read by a thread of its own: a
/// file that hangs delays no walk of the table.
class WorkloadMapReader {
 public:
  using Read = std::function<Result<WorkloadMap>(const std::stop_token&)>;
  using Map = std::shared_ptr<const Result<WorkloadMap>>;

  static constexpr std::chrono::seconds kMaxAge{10};
  static constexpr std::chrono::seconds kStale{60};
  static constexpr std::chrono::seconds kPatience{3};

  explicit WorkloadMapReader(Read read);

  /// The newest map. Asks for a newer one where it is older than kMaxAge, but waits only where it
  /// is older than kStale, or there is none.
  /// Errors:  of the last reading; kTimeout where that is not done kPatience after it was asked
  ///          for.
  [[nodiscard]] Map Latest();

 private:
  void Run(const std::stop_token& stop);

  const Read read_;
  std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  bool wanted_ = true;
  std::chrono::steady_clock::time_point asked_at_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point read_at_;
  Map map_;
  std::jthread thread_;  // last
};

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
  WorkloadMapReader::Read read = {};
};

/// \brief  Counts the flows of one walk by workload. A flow is opened by the workload that has its
/// source, before SNAT, and received by the one that answers, after DNAT; a flow between two counts
/// once for each.
/// Threads and cost: one thread; no allocation a flow. Memory grows with the addresses and ports of
/// this machine, up to the most that a WorkloadMap has, and not with those of flows.
class Workloads final : public kernel::FlowVisitor {
 public:
  explicit Workloads(const WorkloadsOptions& options) : max_(options.max), reader_(options.read) {}

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  /// Errors:  of reading the machine.
  [[nodiscard]] Result<WorkloadsSummary> Summary() const;

 private:
  struct Count {
    std::uint32_t opened = 0;
    std::uint32_t received = 0;
  };

  const std::size_t max_;
  WorkloadMapReader reader_;
  WorkloadMapReader::Map map_;  // of this walk
  std::vector<Count> counts_;   // by index into workloads()
};

}  // namespace conntrack
