// Recommended settings of connection tracking for a host, with reasons.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/collector.h"
#include "collectors/entry_memory.h"
#include "collectors/sizing.h"
#include "diagnosis/notrack_target.h"
#include "kernel/place.h"
#include "kernel/proc/machine.h"

namespace conntrack {

/// State of the nf_conntrack module.
enum class ModuleState {
  kNotLoaded,
  kLoaded,
  kBuiltIn,  ///< Only the kernel's command line has an effect, modprobe.d has none.
};

/// Flows of one protocol in one state, IPv4 and IPv6 together.
struct StateFlows {
  std::string protocol;
  std::string state;
  std::uint64_t flows = 0;
};

/// A candidate for NOTRACK and its flows.
struct TargetFlows {
  NotrackTarget target;
  std::uint64_t flows = 0;
  std::uint64_t translated = 0;  ///< Of these, flows with NAT.
};

/// Composition of the table.
struct FlowSurvey {
  std::uint64_t flows = 0;
  std::uint64_t source_translated = 0;
  std::vector<StateFlows> states;     ///< The fullest first; only states with flows.
  std::vector<TargetFlows> services;  ///< Protocols and ports, the fullest first.
  std::vector<TargetFlows> targets;   ///< Requested targets, then KnownTargets().
  std::uint64_t unseen = 0;           ///< Entries that are counted but not returned by the walk.
};

/// What could be read about the host.
struct Machine {
  std::string release;  ///< "6.1.0-26-amd64"; empty if unknown.
  std::optional<kernel::KernelRelease> kernel;
  std::optional<std::uint64_t> mem_total;
  std::optional<unsigned> cpus;
  std::optional<bool> refuses_long_chains = {};  ///< kernel::ReadRefusesLongChains()
  ModuleState module = ModuleState::kNotLoaded;
  bool protocols_apart = false;  ///< kernel::BootConfig::protocols_apart
  std::map<std::string, std::uint64_t, std::less<>> sysctls;  ///< In /proc/sys/net/netfilter.
  std::optional<EntryMemory> entry_memory;
  kernel::Place place = {};
  bool forwarding = false;  ///< net.ipv4.ip_forward
  std::optional<FlowSurvey> flows;
  std::vector<Omission> missing;  ///< What could not be read, why, and the remedy.

  [[nodiscard]] std::optional<std::uint64_t> Sysctl(std::string_view name) const {
    const auto found = sysctls.find(name);
    return found == sysctls.end() ? std::nullopt : std::optional(found->second);
  }
};

/// Options of the operator. The defaults are those of `advise --help`.
struct SizingRequest {
  std::optional<SizingProfile> profile;  ///< Absent: see ChooseProfile().
  std::optional<std::uint64_t> peak;     ///< Absent: the present count.
  double headroom = kDefaultHeadroom;
  std::vector<NotrackTarget> notrack;  ///< Targets with active NOTRACK rules.
  bool accounting = false;             ///< Packets and bytes of each flow.
  bool timestamps = false;             ///< Start time of each flow.
  std::size_t top = 5;                 ///< Maximum number of services listed and proposed.
};

struct ProfileChoice {
  SizingProfile profile = SizingProfile::kLight;
  std::string reason;
};

/// The limit by each rule.
struct LimitBases {
  std::optional<std::uint64_t> memory;
  std::uint64_t peak = 0;
  std::uint64_t profile = 0;
  std::optional<std::uint64_t> kube_proxy;  ///< Set by kube-proxy if it runs here.
};

/// Settings that kube-proxy writes at each start, regardless of sysctl.d.
struct KubeProxyWrites {
  bool certain = false;                    ///< True: it runs. False: it may run.
  std::optional<std::uint64_t> limit;      ///< Absent if kube-proxy leaves the limit unchanged.
  std::vector<std::string_view> timeouts;  ///< Names of sysctls.
};

struct SettingAdvice {
  std::optional<std::uint64_t> now;  ///< Absent if unknown.
  std::uint64_t advised = 0;
  std::string reason;
};

struct MemoryCost {
  std::uint64_t entry_bytes = 0;
  std::string_view source;  ///< Source of entry_bytes: "slabinfo", "estimate".
  std::uint64_t entries_bytes = 0;
  std::uint64_t table_bytes = 0;
  std::optional<double> share;  ///< Of the memory of the host.
};

/// Recommended timeout for a busy server.
struct TimeoutRule {
  std::string_view sysctl;  ///< In /proc/sys/net/netfilter; all kernels have these.
  std::uint64_t seconds;
  std::string_view risk;  ///< What breaks with a lower value.
};

struct TimeoutAdvice {
  TimeoutRule rule;
  bool exists = true;  ///< False: this kernel does not have it.
  std::optional<std::uint64_t> now;
  std::uint64_t advised = 0;  ///< Never above the present value.
};

/// A switch that makes entries larger, turned on by request.
struct ExtensionAdvice {
  std::string_view sysctl;
  bool exists = true;  ///< False: this kernel does not have it.
  std::optional<std::uint64_t> now;
  std::string price;
};

struct SizingAdvice {
  ProfileChoice profile;
  std::uint64_t peak = 0;
  bool peak_given = false;  ///< By --peak; otherwise it is the present count.
  double headroom = 0;
  LimitBases bases;
  SettingAdvice limit;
  SettingAdvice buckets;
  std::optional<KubeProxyWrites> kube_proxy;  ///< Absent if kube-proxy does not run.
  bool buckets_by_sysctl = true;              ///< False before 4.9: only by hashsize.
  std::optional<MemoryCost> memory;
  std::vector<TimeoutAdvice> timeouts;
  std::vector<ExtensionAdvice> extensions;  ///< Requested.
  std::vector<NotrackTarget> notrack;       ///< Requested.
  std::vector<TargetFlows> proposals;       ///< Not active.
  std::vector<std::string> warnings;        ///< Problems of this host.
  std::vector<std::string> notes;           ///< True for every host.
};

/// \brief  Returns the advice for a host. Pure: the same input gives the same advice.
[[nodiscard]] SizingAdvice AdviseSizing(const Machine& machine, const SizingRequest& options);

/// \brief  Returns the profile that suits the host: kubernetes if there is any sign of it;
/// nat-gateway if the host forwards, most flows use source NAT, and the memory allows the lower end
/// of that profile; otherwise heavy, medium or light, by memory.
[[nodiscard]] ProfileChoice ChooseProfile(const Machine& machine);

/// Returns problems of this host, present or caused by following the advice. Reads all of `advice`
/// except its warnings and notes.
[[nodiscard]] std::vector<std::string> SizingWarnings(const Machine& machine,
                                                      const SizingRequest& options,
                                                      const SizingAdvice& advice);

/// Returns notes that are true for every host.
[[nodiscard]] std::vector<std::string> SizingNotes(const SizingAdvice& advice);

/// Returns what a NOTRACK rule breaks. Also used as header of the files with NOTRACK rules.
[[nodiscard]] std::vector<std::string> NotrackWarnings();

}  // namespace conntrack
