// What to set for connection tracking on a machine, and why.
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

/// How the kernel has connection tracking.
enum class ModuleState {
  kNotLoaded,
  kLoaded,
  kBuiltIn,  ///< No module: modprobe.d has no effect, the kernel's command line has.
};

/// Flows of one protocol in one state, both families.
struct StateFlows {
  std::string protocol;
  std::string state;
  std::uint64_t flows = 0;
};

/// A candidate for NOTRACK, and its flows.
struct TargetFlows {
  NotrackTarget target;
  std::uint64_t flows = 0;
  std::uint64_t translated = 0;  ///< Of these, those with NAT.
};

/// Who fills the table.
struct FlowSurvey {
  std::uint64_t flows = 0;
  std::uint64_t source_translated = 0;
  std::vector<StateFlows> states;     ///< The fullest first; only those that have any.
  std::vector<TargetFlows> services;  ///< Protocols and ports, the fullest first.
  std::vector<TargetFlows> targets;   ///< What is asked for, then KnownTargets().
  std::uint64_t unseen = 0;           ///< Entries that are counted, and that no walk finds.
};

/// What could be read of the machine.
struct Machine {
  std::string release;  ///< "6.1.0-26-amd64"; empty where it is not known.
  std::optional<kernel::KernelRelease> kernel;
  std::optional<std::uint64_t> mem_total;
  std::optional<unsigned> cpus;
  std::optional<bool> refuses_long_chains = {};  ///< kernel::ReadRefusesLongChains()
  ModuleState module = ModuleState::kNotLoaded;
  bool protocols_apart = false;                               ///< kernel::BootConfig's.
  std::map<std::string, std::uint64_t, std::less<>> sysctls;  ///< Of /proc/sys/net/netfilter.
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

/// What the operator wants. The defaults are those of `advise --help`.
struct SizingRequest {
  std::optional<SizingProfile> profile;  ///< Chosen from the machine where it is not given.
  std::optional<std::uint64_t> peak;     ///< The present count where it is not given.
  double headroom = kDefaultHeadroom;
  std::vector<NotrackTarget> notrack;  ///< For which NOTRACK rules are active.
  bool accounting = false;             ///< Packets and bytes of each flow.
  bool timestamps = false;             ///< When each flow began.
  std::size_t top = 5;                 ///< Most services that are named and proposed.
};

struct ProfileChoice {
  SizingProfile profile = SizingProfile::kLight;
  std::string reason;
};

/// The limits that each rule would give.
struct LimitBases {
  std::optional<std::uint64_t> memory;
  std::uint64_t peak = 0;
  std::uint64_t profile = 0;
  std::optional<std::uint64_t> kube_proxy;  ///< What kube-proxy sets, or would.
};

/// What kube-proxy writes whenever it starts, whatever sysctl.d says.
struct KubeProxyWrites {
  bool certain = false;                    ///< It runs; otherwise it may.
  std::optional<std::uint64_t> limit;      ///< Absent where it leaves the limit alone.
  std::vector<std::string_view> timeouts;  ///< Sysctls.
};

struct SettingAdvice {
  std::optional<std::uint64_t> now;  ///< In force; absent where it is not known.
  std::uint64_t advised = 0;
  std::string reason;
};

struct MemoryCost {
  std::uint64_t entry_bytes = 0;
  std::string_view source;  ///< Of the size of an entry: "slabinfo", "estimate".
  std::uint64_t entries_bytes = 0;
  std::uint64_t table_bytes = 0;
  std::optional<double> share;  ///< Of the memory of the machine.
};

/// The starting point for one timeout on a busy server.
struct TimeoutRule {
  std::string_view sysctl;  ///< In /proc/sys/net/netfilter; all kernels have these.
  std::uint64_t seconds;
  std::string_view risk;  ///< What breaks where it is lower.
};

struct TimeoutAdvice {
  TimeoutRule rule;
  bool exists = true;  ///< false: this kernel does not have it.
  std::optional<std::uint64_t> now;
  std::uint64_t advised = 0;  ///< At most the present value: what is short already stays short.
};

/// A switch that makes entries larger, turned on by request.
struct ExtensionAdvice {
  std::string_view sysctl;
  bool exists = true;  ///< false: this kernel does not have it.
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
  std::optional<KubeProxyWrites> kube_proxy;  ///< Absent where none runs.
  bool buckets_by_sysctl = true;              ///< false before 4.9: only when the module is loaded.
  std::optional<MemoryCost> memory;
  std::vector<TimeoutAdvice> timeouts;
  std::vector<ExtensionAdvice> extensions;  ///< Asked for.
  std::vector<NotrackTarget> notrack;       ///< Asked for.
  std::vector<TargetFlows> proposals;       ///< Not active.
  std::vector<std::string> warnings;        ///< Problems of this machine.
  std::vector<std::string> notes;           ///< True of every machine.
};

/// \brief  The advice for a machine. Pure: the same machine and options give the same advice.
[[nodiscard]] SizingAdvice AdviseSizing(const Machine& machine, const SizingRequest& options);

/// \brief  The profile that suits the machine: kubernetes where anything shows it;
/// nat-gateway where it forwards, most flows have their source translated, and the memory carries
/// the lower end of that profile; otherwise heavy, medium or light by memory alone.
[[nodiscard]] ProfileChoice ChooseProfile(const Machine& machine);

/// What is wrong on this machine, or will be once the advice is followed. Looks at all of `advice`
/// but its warnings and notes.
[[nodiscard]] std::vector<std::string> SizingWarnings(const Machine& machine,
                                                      const SizingRequest& options,
                                                      const SizingAdvice& advice);

/// True of every machine.
[[nodiscard]] std::vector<std::string> SizingNotes(const SizingAdvice& advice);

/// What a NOTRACK rule breaks; also the head of the files that have such rules.
[[nodiscard]] std::vector<std::string> NotrackWarnings();

}  // namespace conntrack
