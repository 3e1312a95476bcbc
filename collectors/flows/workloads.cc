#include "collectors/flows/workloads.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "collectors/netns/netns_reading.h"
#include "kernel/namespaces/namespace_name.h"
#include "kernel/thread.h"

namespace conntrack {
namespace {

using std::chrono::steady_clock;

/// Maximum time for all processes and namespaces of the host.
constexpr std::chrono::seconds kPatience{2};
constexpr const char* kOwnersOfPorts = "units and containers that serve ports of this host";
constexpr const char* kTooMany = "further addresses or ports of this machine";
/// Maximum number of addresses per namespace, so that none uses up the room of the others.
constexpr std::size_t kMostOfOne = 256;
constexpr unsigned kProtocolShift = 8;
constexpr unsigned kPortShift = 16;

bool IsLoopback(std::uint8_t family, const kernel::Address& address) {
  if (family == AF_INET) return address[0] == IN_LOOPBACKNET;
  return std::equal(address.begin(), address.end(), in6addr_loopback.s6_addr);
}

/// Returns whether an address is loopback or link-local. Every namespace has these; the table of
/// this namespace only has flows of its own ones.
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

/// `unique` is a name that no other namespace has.
Workload WorkloadOf(const kernel::NamespaceName& name, const std::string& unique) {
  switch (name.kind) {
    case kernel::NamespaceKind::kPod:
      return WorkloadOf(kernel::CgroupName{kernel::CgroupKind::kPod, name.name});
    case kernel::NamespaceKind::kContainer:
      return WorkloadOf(kernel::CgroupName{kernel::CgroupKind::kContainer, name.name});
    case kernel::NamespaceKind::kUnit:
      return {"unit", name.name};
    default:
      return {"netns", unique};
  }
}

std::uint64_t PortKey(std::uint8_t family, std::uint8_t protocol, std::uint16_t port) {
  return std::uint64_t{port} << kPortShift | std::uint64_t{protocol} << kProtocolShift | family;
}

/// Returns the number of addresses that were left out because there are too many.
Result<std::size_t> AddNamespace(const kernel::NetworkNamespace& found, const Workload& owner,
                                 const kernel::KernelFiles& proc, WorkloadMap& map) {
  for (const auto process : found.processes) {
    const auto addresses = kernel::ReadLocalAddresses(proc, std::to_string(process) + "/net");
    if (!addresses && addresses.error().kind == ErrorKind::kAbsent) continue;  // it has ended
    if (!addresses) return Fail(addresses.error());
    std::size_t outside = 0;
    for (const auto& address : *addresses) {
      if (OnlyMeansSomethingInside(address)) continue;
      if (++outside <= kMostOfOne) map.AddAddress(address, owner);
    }
    return outside - std::min(outside, kMostOfOne);
  }
  return 0;
}

std::unordered_map<std::uint64_t, std::string> CgroupsOf(
    const std::vector<kernel::Listener>& listeners, const kernel::KernelFiles& sys,
    const std::function<bool()>& keep_going) {
  std::unordered_set<std::uint64_t> cgroups;
  for (const auto& listener : listeners) {
    if (listener.cgroup) cgroups.insert(*listener.cgroup);
  }
  return kernel::FindCgroups(sys, std::move(cgroups), keep_going);
}

void AddNamespaces(const kernel::Discovery& discovery, const KernelAccess& access,
                   const std::function<bool()>& keep_going, WorkloadMap& map) {
  std::vector<NamedNamespace> named;
  for (const auto& found : discovery.namespaces) {
    named.push_back(
        {kernel::NameOf(found, access.proc), found.inode.value_or(found.stat_inode.value_or(0))});
  }
  const auto unique = UniqueNames(named);
  UnreadableNamespaces unreadable;
  UnreadableNamespaces too_many;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const auto& found = discovery.namespaces[i];
    if (found.is_own) continue;
    if (!keep_going()) {
      map.omissions.push_back(
          {"addresses of some network namespaces", {ErrorKind::kTimeout, 0, "timed out", ""}});
      break;
    }
    const auto owner = WorkloadOf(named[i].name, unique[i]);
    const auto left_out = AddNamespace(found, owner, access.proc, map);
    if (!left_out) unreadable.Add(owner.name, left_out.error());
    if (left_out.value_or(0) > 0) {
      too_many.Add(owner.name, {ErrorKind::kHeldBack, 0,
                                "only the first " + std::to_string(kMostOfOne) + " count", ""});
    }
  }
  if (auto error = unreadable.error()) {
    map.omissions.push_back({"namespaces whose addresses cannot be read", *std::move(error)});
  }
  if (auto error = too_many.error()) {
    map.omissions.push_back({"namespaces with many addresses", *std::move(error)});
  }
}

}  // namespace

WorkloadMap::WorkloadMap() : workloads_{{"host", "host"}}, indices_{{workloads_.front(), kHost}} {}

void WorkloadMap::Add(Owners& owners, std::size_t most, const Key& key, const Workload& owner) {
  const auto at = owners.find(key);
  if (at == owners.end() && owners.size() >= most) {
    if (omissions.empty() || omissions.back().part != kTooMany) {
      omissions.push_back(
          {kTooMany, {ErrorKind::kHeldBack, 0, "there are more than " + std::to_string(most), ""}});
    }
    return;
  }
  const auto [of, is_new] = indices_.emplace(owner, static_cast<Index>(workloads_.size()));
  if (is_new) workloads_.push_back(owner);
  if (at == owners.end()) {
    owners.emplace(key, of->second);
  } else if (of->second == kHost) {
    at->second = kHost;
  } else if (at->second != of->second && at->second != kHost) {
    at->second = kNobody;
  }
}

void WorkloadMap::AddAddress(const kernel::LocalAddress& address, const Workload& owner) {
  Add(addresses_, kMostAddresses, {address.address, address.family}, owner);
}

void WorkloadMap::AddListener(const kernel::Listener& listener, const Workload& owner) {
  const auto add = [&](std::uint8_t family) {
    Add(ports_, kMostPorts, {listener.address, PortKey(family, listener.protocol, listener.port)},
        owner);
  };
  add(listener.family);
  if (listener.family == AF_INET6 && listener.address == kernel::Address{} && !listener.only_ipv6) {
    add(AF_INET);
  }
}

WorkloadMap::Index WorkloadMap::OwnerOf(std::uint8_t family, const kernel::Address& address) const {
  const auto found = addresses_.find({address, family});
  if (found != addresses_.end()) return found->second;
  return IsLoopback(family, address) ? kHost : kNobody;
}

WorkloadMap::Index WorkloadMap::ServerOf(const kernel::Flow& flow) const {
  for (const auto& at : {flow.reply.source, kernel::Address{}}) {
    const Key key{at, PortKey(flow.family, flow.protocol, flow.reply.source_port)};
    const auto found = ports_.find(key);
    if (found != ports_.end()) return found->second == kNobody ? kHost : found->second;
  }
  return kHost;
}

void AddListeners(const std::vector<kernel::Listener>& listeners,
                  const kernel::Discovery& discovery, const KernelAccess& access,
                  const std::function<bool()>& keep_going, WorkloadMap& map) {
  const auto paths = CgroupsOf(listeners, access.sys, keep_going);
  std::unordered_set<std::uint64_t> sockets;  // sockets whose cgroup is unknown
  for (const auto& listener : listeners) {
    if (!paths.contains(listener.cgroup.value_or(0))) sockets.insert(listener.inode);
  }
  const auto own = std::ranges::find_if(discovery.namespaces, &kernel::NetworkNamespace::is_own);
  if (own == discovery.namespaces.end()) return;
  const auto wanted = sockets.size();
  const auto holders =
      kernel::FindHolders(access.proc, own->processes, std::move(sockets), keep_going);
  for (const auto& listener : listeners) {
    const auto path = paths.find(listener.cgroup.value_or(0));
    const auto holder = holders.processes.find(listener.inode);
    std::string cgroup;  // in the format of /proc/PID/cgroup
    if (path != paths.end()) {
      cgroup = "0::" + path->second;
    } else if (holder != holders.processes.end()) {
      cgroup = access.proc.Read(std::to_string(holder->second) + "/cgroup").value_or("");
    }
    // Also add those of the host: a listener on one address takes precedence over a unit that
    // listens on all.
    const auto name = kernel::NameFromCgroup(cgroup);
    map.AddListener(listener, name ? WorkloadOf(*name) : map.workloads()[WorkloadMap::kHost]);
  }
  const auto unknown = wanted - holders.processes.size();
  if (unknown == 0) return;
  if (!keep_going()) {
    map.omissions.push_back({kOwnersOfPorts, {ErrorKind::kTimeout, 0, "timed out", ""}});
  } else if (holders.refused > 0 || access.place.container()) {
    map.omissions.push_back(
        {kOwnersOfPorts,
         {ErrorKind::kDenied, 0,
          "listening sockets without a known cgroup: " + std::to_string(unknown) +
              "; their cgroups are not below " + (access.sys.root() / "fs/cgroup").string() +
              ", and no known process has them open; they count for host",
          "in a container: mount the host's /sys/fs/cgroup; with cgroup v1, or before Linux 5.9: "
          "give CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"}});
  }
}

Result<WorkloadMap> ReadWorkloadMap(const KernelAccess& access, const std::stop_token& stop,
                                    const kernel::NamespaceEntry& entry) {
  const auto until = steady_clock::now() + kPatience;
  const std::function<bool()> keep_going = [&stop, until] {
    return !stop.stop_requested() && steady_clock::now() < until;
  };
  const auto discovery = kernel::DiscoverNamespaces(access.proc, access.root, entry, keep_going);
  if (!discovery) return Fail(discovery.error());
  WorkloadMap map;
  AddOmissions(*discovery, map.omissions);
  AddNamespaces(*discovery, access, keep_going, map);
  // After the other namespaces: if kube-proxy uses IPVS, the host has the addresses of all
  // services.
  const auto own = kernel::ReadLocalAddresses(access.proc, "net");
  if (!own) map.omissions.push_back({"addresses of this host", own.error()});
  const auto host = map.workloads()[WorkloadMap::kHost];
  for (const auto& address : own.value_or(std::vector<kernel::LocalAddress>())) {
    map.AddAddress(address, host);
  }
  if (const auto listeners = kernel::ReadListeners(*access.presence)) {
    AddListeners(*listeners, *discovery, access, keep_going, map);
  } else {
    map.omissions.push_back({kOwnersOfPorts, listeners.error()});
  }
  return map;
}

WorkloadMapReader::WorkloadMapReader(Read read)
    : read_(std::move(read)),
      thread_(
          kernel::StartThread("workloads", [this](const std::stop_token& stop) { Run(stop); })) {}

WorkloadMapReader::Map WorkloadMapReader::Latest() {
  std::unique_lock lock(mutex_);
  const auto now = steady_clock::now();
  if (!wanted_ && now - read_at_ >= kMaxAge) {
    wanted_ = true;
    asked_at_ = now;
    changed_.notify_all();
  }
  const bool usable = changed_.wait_until(lock, asked_at_ + kPatience, [this] {
    return map_ && steady_clock::now() - read_at_ < kStale;
  });
  if (usable) return map_;
  return std::make_shared<const Result<WorkloadMap>>(
      Fail(ErrorKind::kTimeout, "the processes of this host were not read in time",
           "/proc/PID/task/*/stack of the thread workloads shows the system call"));
}

void WorkloadMapReader::Run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return wanted_; })) return;
    }
    auto map =
        std::make_shared<const Result<WorkloadMap>>(kernel::Caught([&] { return read_(stop); }));
    const std::lock_guard lock(mutex_);
    map_ = std::move(map);
    read_at_ = steady_clock::now();
    wanted_ = false;
    changed_.notify_all();
  }
}

void Workloads::Begin() {
  map_ = reader_.Latest();
  counts_.assign(*map_ ? (*map_)->workloads().size() : 0, {});
}

void Workloads::Visit(const kernel::Flow& flow) {
  if (!map_ || !*map_ || (flow.family != AF_INET && flow.family != AF_INET6)) return;
  const auto& map = **map_;
  const auto opener = map.OwnerOf(flow.family, flow.original.source);
  if (opener != WorkloadMap::kNobody) ++counts_[opener].opened;
  auto receiver = map.OwnerOf(flow.family, flow.reply.source);
  if (receiver == WorkloadMap::kHost) receiver = map.ServerOf(flow);
  if (receiver != WorkloadMap::kNobody) ++counts_[receiver].received;
}

Result<WorkloadsSummary> Workloads::Summary() const {
  if (!map_) return Fail(ErrorKind::kAbsent, "no walk has begun");
  if (!*map_) return Fail(map_->error());
  const auto& map = **map_;
  WorkloadsSummary summary{{}, {{"other", "other"}}, map.omissions};
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    summary.top.push_back({map.workloads()[i], counts_[i].opened, counts_[i].received});
  }
  std::ranges::stable_sort(summary.top, std::greater{},
                           [](const auto& of) { return of.opened + of.received; });
  for (; summary.top.size() > max_; summary.top.pop_back()) {
    summary.other.opened += summary.top.back().opened;
    summary.other.received += summary.top.back().received;
  }
  return summary;
}

}  // namespace conntrack
