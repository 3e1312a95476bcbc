// What is known of the machine that advice is for.
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
#include "exporter/commands/advise/advise_options.h"
#include "kernel/proc/machine.h"

namespace conntrack::exporter::advise {

/// How the kernel has connection tracking.
enum class ModuleState {
  kNotLoaded,
  kLoaded,
  kBuiltIn,  ///< No module: modprobe.d has no say, the kernel's command line has.
};

/// Flows of one protocol in one state, both families.
struct StateFlows {
  std::string protocol;
  std::string_view state;
  std::uint64_t flows = 0;
};

/// Flows of one service.
struct ServiceFlows {
  ServicePort service;
  std::uint64_t flows = 0;
  std::uint64_t translated = 0;  ///< Of these, those that have an address or port translated.
};

/// Who fills the table.
struct FlowSurvey {
  std::uint64_t flows = 0;
  std::uint64_t source_translated = 0;
  std::vector<StateFlows> states;      ///< The fullest first; only those that have any.
  std::vector<ServiceFlows> services;  ///< The fullest first.
};

/// The facts, as far as they could be read. Pure data: tests make machines up.
struct Machine {
  std::string release;  ///< "6.1.0-26-amd64"; empty where it is not known.
  std::optional<kernel::KernelRelease> kernel;
  std::optional<std::uint64_t> mem_total;
  std::optional<unsigned> cpus;
  ModuleState module = ModuleState::kNotLoaded;
  std::map<std::string, std::uint64_t, std::less<>> sysctls;  ///< Of /proc/sys/net/netfilter.
  std::optional<EntryMemory> entry_memory;
  std::string kubernetes_sign;  ///< The folder that shows a Kubernetes node; empty where none does.
  bool forwarding = false;      ///< net.ipv4.ip_forward
  std::optional<FlowSurvey> flows;
  std::vector<Omission> missing;  ///< What could not be read, why, and the remedy.

  [[nodiscard]] std::optional<std::uint64_t> Sysctl(std::string_view name) const {
    const auto found = sysctls.find(name);
    return found == sysctls.end() ? std::nullopt : std::optional(found->second);
  }
};

}  // namespace conntrack::exporter::advise
