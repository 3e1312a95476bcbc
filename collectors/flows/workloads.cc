#include "collectors/flows/workloads.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "kernel/namespaces/namespace_name.h"
#include "kernel/namespaces/namespaces.h"

namespace conntrack {
namespace {

using std::chrono::steady_clock;

/// For all processes and namespaces of the host.
constexpr std::chrono::seconds kPatience{2};
constexpr std::string_view kTooMany = "further addresses or ports of this machine";
constexpr unsigned kProtocolShift = 8;
constexpr unsigned kPortShift = 16;

bool IsLoopback(std::uint8_t family, const kernel::Address& address) {
  if (family == AF_INET) return address[0] == IN_LOOPBACKNET;
  return std::equal(address.begin(), address.end(), in6addr_loopback.s6_addr);
}

/// Every namespace has such ones; only those of the own are in its table.
bool OnlyMeansSomethingInside(const kernel::LocalAddress& local) {
  const auto& address = local.address;
  const bool link_local =
      local.family == AF_INET6 && address[0] == 0xfe && (address[1] & 0xc0U) == 0x80;
  return link_local || IsLoopback(local.family, address);
}

Workload WorkloadOf(const kernel::CgroupName& cgroup) {
  switch (cgroup.kind) {
    case kernel::CgroupKind::kPod:
      return {"pod", cgroup.name, cgroup.name, cgroup.container};
    case kernel::CgroupKind::kContainer:
      return {"container", cgroup.name, "", cgroup.name};
    default:
      return {"unit", cgroup.name};
  }
}

Workload WorkloadOf(const kernel::NamespaceName& name) {
  switch (name.kind) {
    case kernel::NamespaceKind::kHost:
      return {"host", "host of the exporter's container"};
    case kernel::NamespaceKind::kPod:
      return {"pod", name.name, name.name};
    case kernel::NamespaceKind::kContainer:
      return {"container", name.name, "", name.name};
    case kernel::NamespaceKind::kUnit:
      return {"unit", name.name};
    default:
      return {"netns", name.name};
  }
}

void AddNamespace(const kernel::NetworkNamespace& found, const kernel::KernelFiles& proc,
                  WorkloadMap& map) {
  const auto owner = WorkloadOf(kernel::NameOf(found, proc));
  for (const auto process : found.processes) {
    const auto addresses = kernel::ReadLocalAddresses(proc, std::to_string(process) + "/net");
    if (!addresses && addresses.error().kind == ErrorKind::kAbsent) continue;  // it has ended
    if (!addresses) {
      map.omissions.push_back({"addresses of " + owner.name, addresses.error()});
      return;
    }
    for (const auto& address : *addresses) {
      if (!OnlyMeansSomethingInside(address)) map.AddAddress(address, owner);
    }
    return;
  }
}

Result<void> AddListeners(const KernelAccess& access, WorkloadMap& map) {
  const auto listeners = kernel::ReadListeners(access.proc, access.sys);
  if (!listeners) return Fail(listeners.error());
  std::unordered_set<std::uint64_t> cgroups;
  for (const auto& listener : *listeners) {
    if (listener.cgroup) cgroups.insert(*listener.cgroup);
  }
  if (cgroups.empty() && !listeners->empty()) {
    return Fail(ErrorKind::kAbsent, "the kernel does not tell the cgroups of sockets",
                "it does since Linux 5.9; without it flows to this host count for host");
  }
  const auto paths = kernel::FindCgroups(access.sys, std::move(cgroups));
  for (const auto& listener : *listeners) {
    const auto path = paths.find(listener.cgroup.value_or(0));
    if (path == paths.end()) continue;
    const auto name = kernel::NameFromCgroup("0::" + path->second);
    if (name) map.AddListener(listener, WorkloadOf(*name));
  }
  return {};
}

}  // namespace

WorkloadMap::WorkloadMap() : workloads_{{"host", "host"}}, indices_{{workloads_.front(), kHost}} {}

void WorkloadMap::Add(Owners& owners, std::size_t most, const Key& key, const Workload& owner) {
  if (owners.size() >= most) {
    if (omissions.empty() || omissions.back().part != kTooMany) {
      omissions.push_back({std::string(kTooMany),
                           {ErrorKind::kHeldBack, 0, "more than " + std::to_string(most), ""}});
    }
    return;
  }
  const auto [of, is_new] = indices_.emplace(owner, static_cast<Index>(workloads_.size()));
  if (is_new) workloads_.push_back(owner);
  const auto [at, added] = owners.emplace(key, of->second);
  if (!added && at->second != of->second) at->second = kNobody;
}

void WorkloadMap::AddAddress(const kernel::LocalAddress& address, const Workload& owner) {
  Add(addresses_, kMostAddresses, {address.address, address.family}, owner);
}

namespace {

std::uint64_t PortKey(std::uint8_t family, std::uint8_t protocol, std::uint16_t port) {
  return std::uint64_t{port} << kPortShift | std::uint64_t{protocol} << kProtocolShift | family;
}

}  // namespace

void WorkloadMap::AddListener(const kernel::Listener& listener, const Workload& owner) {
  Add(ports_, kMostPorts,
      {listener.address, PortKey(listener.family, listener.protocol, listener.port)}, owner);
}

WorkloadMap::Index WorkloadMap::OwnerOf(std::uint8_t family, const kernel::Address& address) const {
  const auto found = addresses_.find({address, family});
  if (found != addresses_.end()) return found->second;
  return IsLoopback(family, address) ? kHost : kNobody;
}

WorkloadMap::Index WorkloadMap::ServerOf(const kernel::Flow& flow, const kernel::Address& address,
                                         std::uint16_t port) const {
  // A listener of IPv6 on every address serves IPv4 too.
  for (const auto& key : {Key{address, PortKey(flow.family, flow.protocol, port)},
                          Key{{}, PortKey(flow.family, flow.protocol, port)},
                          Key{{}, PortKey(AF_INET6, flow.protocol, port)}}) {
    const auto found = ports_.find(key);
    if (found != ports_.end()) return found->second == kNobody ? kHost : found->second;
  }
  return kHost;
}

Result<WorkloadMap> ReadWorkloadMap(const KernelAccess& access,
                                    const kernel::NamespaceEntry& entry) {
  WorkloadMap map;
  const auto own = kernel::ReadLocalAddresses(access.proc, "net");
  if (!own) return Fail(own.error());
  for (const auto& address : *own) map.AddAddress(address, map.workloads().front());
  const auto until = steady_clock::now() + kPatience;
  const auto keep_going = [until] { return steady_clock::now() < until; };
  const auto discovery = kernel::DiscoverNamespaces(access.proc, access.root, entry, keep_going);
  if (!discovery) return Fail(discovery.error());
  for (const auto& found : discovery->namespaces) {
    if (!keep_going()) {
      return Fail(ErrorKind::kTimeout, "not all network namespaces were read in 2 s");
    }
    if (!found.is_own) AddNamespace(found, access.proc, map);
  }
  if (auto added = AddListeners(access, map); !added) {
    map.omissions.push_back({"units and containers that serve ports of this host", added.error()});
  }
  return map;
}

void Workloads::Begin() {
  const auto now = steady_clock::now();
  if (!read_ || now - *read_ >= kMapAge) {
    map_ = options_.read();
    read_ = now;
  }
  counts_.assign(map_ ? map_->workloads().size() : 0, {});
}

void Workloads::Visit(const kernel::Flow& flow) {
  if (!map_ || (flow.family != AF_INET && flow.family != AF_INET6)) return;
  const auto& map = *map_;
  const auto& [source, destination, source_port, port] = flow.original;
  auto opener = map.OwnerOf(flow.family, source);
  if (opener == WorkloadMap::kNobody && (flow.status & IPS_SRC_NAT) != 0) {
    opener = map.OwnerOf(flow.family, flow.reply.destination);
  }
  if (opener != WorkloadMap::kNobody) ++counts_[opener].opened;

  auto receiver = map.OwnerOf(flow.family, flow.reply.source);
  if (receiver == WorkloadMap::kHost) {
    receiver = map.ServerOf(flow, flow.reply.source, flow.reply.source_port);
  } else if (receiver == WorkloadMap::kNobody && (flow.status & IPS_DST_NAT) != 0) {
    receiver = map.OwnerOf(flow.family, destination);
    if (receiver == WorkloadMap::kHost) receiver = map.ServerOf(flow, destination, port);
  }
  if (receiver != WorkloadMap::kNobody) ++counts_[receiver].received;
}

Result<WorkloadsSummary> Workloads::Summary() const {
  if (!map_) return Fail(map_.error());
  WorkloadsSummary summary{{}, {{"other", "other"}}, map_->omissions};
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    summary.top.push_back({map_->workloads()[i], counts_[i].opened, counts_[i].received});
  }
  std::ranges::stable_sort(summary.top, std::greater{},
                           [](const auto& of) { return of.opened + of.received; });
  for (; summary.top.size() > options_.max; summary.top.pop_back()) {
    summary.other.opened += summary.top.back().opened;
    summary.other.received += summary.top.back().received;
  }
  return summary;
}

}  // namespace conntrack
