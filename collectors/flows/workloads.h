// Flows by their owner on this machine: pods, containers, units, network namespaces, the host.
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
  std::string pod_uid = {};    ///< For pods.
  std::string container = {};  ///< The first 12 digits of its ID, if known.

  friend bool operator==(const Workload&, const Workload&) = default;
  friend bool operator<(const Workload& a, const Workload& b) {
    return std::tie(a.kind, a.name, a.container) < std::tie(b.kind, b.name, b.container);
  }
};

/// \brief  The owners of the addresses and ports on this machine. An address or port that two
///         workloads share belongs to neither, because their flows cannot be told apart. If the
///         host shares it too, it belongs to the host.
class WorkloadMap {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNobody = std::numeric_limits<Index>::max();
  static constexpr Index kHost = 0;
  /// Addresses and ports beyond these numbers have no owner.
  static constexpr std::size_t kMostAddresses = 4096;
  static constexpr std::size_t kMostPorts = 4096;

  WorkloadMap();

  void AddAddress(const kernel::LocalAddress& address, const Workload& owner);
  /// Adds a port of the host.
  void AddListener(const kernel::Listener& listener, const Workload& owner);

  [[nodiscard]] Index OwnerOf(std::uint8_t family, const kernel::Address& address) const;
  /// Returns the workload that serves the port of the host that answers a flow; the host if no
  /// other does.
  [[nodiscard]] Index ServerOf(const kernel::Flow& flow) const;

  [[nodiscard]] const std::vector<Workload>& workloads() const { return workloads_; }
  std::vector<Omission> omissions = {};  ///< Parts that could not be read.

 private:
  struct Key {
    kernel::Address address;
    std::uint64_t rest;  // family; for ports also protocol and port

    friend bool operator==(const Key&, const Key&) = default;
  };
  using Owners = std::unordered_map<Key, Index, KeyedHash>;

  void Add(Owners& owners, std::size_t most, const Key& key, const Workload& owner);

  std::vector<Workload> workloads_;
  std::map<Workload, Index> indices_;
  Owners addresses_;
  Owners ports_;
};

/// \brief  Adds the owners of the ports that sockets of this namespace listen on.
/// Source:  the cgroup of the socket, otherwise the cgroup of a process that has it open. Sockets
///          of the kernel (VXLAN, WireGuard, NFS) may have neither; they belong to the host.
/// Errors:  `omissions` lists sockets whose owner is hidden or is not found in time.
/// Threads and cost: those of FindCgroups(); if that does not find all, also of FindHolders().
void AddListeners(const std::vector<kernel::Listener>& listeners,
                  const kernel::Discovery& discovery, const KernelAccess& access,
                  const std::function<bool()>& keep_going, WorkloadMap& map);

/// \brief  Reads the map of this machine.
/// Source:  fib_trie and if_inet6 of this namespace, and of every other one through its first
///          process; the listeners of this namespace with their cgroups. Namespaces without a
///          process have no addresses here.
/// Errors:  those of DiscoverNamespaces(). All others are listed in `omissions`.
/// Threads and cost: any thread; 4 to 8 us per process; the name and two files per namespace.
[[nodiscard]] Result<WorkloadMap> ReadWorkloadMap(
    const KernelAccess& access, const std::stop_token& stop = {},
    const kernel::NamespaceEntry& entry = kernel::KernelNamespaceEntry());

/// \brief  Keeps a map of this machine that is some seconds old. Its own thread reads it, so that a
///         file that hangs does not delay a walk of the table.
class WorkloadMapReader {
 public:
  using Read = std::function<Result<WorkloadMap>(const std::stop_token&)>;
  using Map = std::shared_ptr<const Result<WorkloadMap>>;

  static constexpr std::chrono::seconds kMaxAge{10};
  static constexpr std::chrono::seconds kStale{60};
  static constexpr std::chrono::seconds kPatience{3};

  explicit WorkloadMapReader(Read read);

  /// Returns the newest map. Requests a new one if it is older than kMaxAge, but waits only if it
  /// is older than kStale or if there is none.
  /// Errors:  those of the last reading; kTimeout if it is not complete kPatience after the
  ///          request.
  [[nodiscard]] Map Latest();

 private:
  void Run(const std::stop_token& stop);

  const Read read_;
  std::mutex mutex_;  // guards all members below
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
  WorkloadFlows other;             ///< Sum of the workloads without series of their own.
  std::vector<Omission> omissions;
};

struct WorkloadsOptions {
  std::size_t max = 100;  ///< Maximum number of workloads with series of their own.
  WorkloadMapReader::Read read = {};
};

/// \brief  Counts the flows of one walk by workload. The workload with the source address, before
///         SNAT, opened the flow. The workload that answers, after DNAT, received it. A flow
///         between two workloads counts once for each.
/// Threads and cost: one thread; no allocation per flow. Memory grows with the addresses and ports
///          of this machine, up to the maximum of a WorkloadMap, and not with those of flows.
class Workloads final : public kernel::FlowVisitor {
 public:
  explicit Workloads(const WorkloadsOptions& options) : max_(options.max), reader_(options.read) {}

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  /// Errors:  those of reading the machine.
  [[nodiscard]] Result<WorkloadsSummary> Summary() const;

 private:
  struct Count {
    std::uint32_t opened = 0;
    std::uint32_t received = 0;
  };

  const std::size_t max_;
  WorkloadMapReader reader_;
  WorkloadMapReader::Map map_;  // the map of this walk
  std::vector<Count> counts_;   // by index into workloads()
};

}  // namespace conntrack
