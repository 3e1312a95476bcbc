#include <algorithm>
#include <utility>

#include "diagnosis/diagnosis.h"
#include "diagnosis/format.h"
#include "diagnosis/sizing_advice.h"
#include "diagnosis/standing.h"

namespace conntrack {
namespace {

using Texts = std::vector<std::string>;

/// First, since kube-proxy overwrites settings whenever it starts.
void AboutKubernetes(const Machine& machine, const SizingAdvice& advice, Texts& warnings) {
  const auto& kubernetes = machine.place.kubernetes;
  if (const auto& writes = advice.kube_proxy) {
    const std::string starts = writes->certain
                                   ? " at each start"
                                   : " at each start (if it runs here; this process cannot tell)";
    if (writes->limit && *writes->limit != advice.limit.advised) {
      warnings.push_back(
          "kube-proxy writes nf_conntrack_max" + starts + ": " + std::to_string(*writes->limit) +
          " here (by default 32768 per core, at least 131072; since 1.36 at most 1048576), "
          "not " +
          std::to_string(advice.limit.advised) +
          ". Set --conntrack-max-per-core and --conntrack-min, or use the file of --format "
          "kubernetes; or leave the limit to the node's sysctl.d with --conntrack-max-per-core=0 "
          "(KubeProxyConfiguration: conntrack.maxPerCore: 0).");
    }
    if (!writes->timeouts.empty()) {
      const bool has_its_values =
          machine.Sysctl("nf_conntrack_tcp_timeout_established") == 86400U &&
          machine.Sysctl("nf_conntrack_tcp_timeout_close_wait") == 3600U;
      warnings.push_back(
          "kube-proxy writes two timeouts" + starts +
          ", unless told otherwise: established 86400 s (--conntrack-tcp-timeout-established) and "
          "close_wait 3600 s (--conntrack-tcp-timeout-close-wait)" +
          (has_its_values ? ", which they are now" : "") + ". It overwrites values of sysctl.d.");
    }
  } else if (kubernetes && kubernetes->cilium) {
    warnings.push_back(
        "Cilium without kube-proxy tracks connections of pods in its own BPF maps. Size those by "
        "bpf-ct-global-tcp-max and bpf-ct-global-any-max in its ConfigMap.");
  }
  if (kubernetes && !WhyNoBootFiles(machine.place)) {
    warnings.push_back("Files are lost when the node is replaced. What lasts: " +
                       HowNodesAreConfigured(machine.place) + ".");
  }
}

void AboutMemory(const SizingAdvice& advice, Texts& warnings) {
  if (!advice.bases.memory || advice.limit.advised <= *advice.bases.memory) return;
  const auto cost =
      advice.memory && advice.memory->share
          ? " It takes " + RoundedPercent(*advice.memory->share) + " of the memory when full."
          : std::string();
  warnings.push_back("The memory basis does not carry a limit of " +
                     std::to_string(advice.limit.advised) + ": RAM / 16384 / 2 gives " +
                     std::to_string(*advice.bases.memory) + "." + cost +
                     " More memory, shorter timeouts or fewer tracked flows (NOTRACK) would.");
}

void AboutPeak(const Machine& machine, const SizingRequest& options, const SizingAdvice& advice,
               Texts& warnings) {
  if (options.peak && *options.peak < advice.peak) {
    warnings.push_back("--peak " + std::to_string(*options.peak) +
                       " is below the present count of " + std::to_string(advice.peak) +
                       ", which is taken instead.");
  }
  const auto unseen = machine.flows ? machine.flows->unseen : 0;
  const auto share = threshold::kUnseenShare * static_cast<double>(advice.peak);
  if (!options.peak && unseen >= threshold::kFewFlows && static_cast<double>(unseen) >= share) {
    warnings.push_back("A walk finds no flow for " + std::to_string(unseen) + " of the " +
                       std::to_string(advice.peak) +
                       " entries that are counted: they have leaked, or something holds their "
                       "packets, and would fill a larger table too. Find what does first: "
                       "conntrack_exporter report (entries_unseen).");
  }
  const auto limit = machine.Sysctl("nf_conntrack_max");
  if (limit == 0U) {
    warnings.push_back(
        "nf_conntrack_max is 0, which is no limit at all before Linux 6.19: a flood takes the "
        "memory of the machine.");
  }
}

void AboutBuckets(const Machine& machine, const SizingAdvice& advice, Texts& warnings) {
  const auto& [now, advised, reason] = advice.buckets;
  const bool raises_limit = advice.limit.now && advice.limit.advised > *advice.limit.now;
  if (now && advised > *now) {
    if (raises_limit) {
      warnings.push_back(
          "Raise the buckets with the limit: " + std::to_string(advice.limit.advised) +
          " entries in " + std::to_string(*now) + " buckets are chains of " +
          Fixed(2.0 * static_cast<double>(advice.limit.advised) / static_cast<double>(*now), 1) +
          " on average (each entry stands in two), longer lookups for every packet" +
          (machine.refuses_long_chains.value_or(true)
               ? ", and refused connections (conntrack_stat_chain_toolong_total)."
               : "."));
    }
    if (advice.buckets_by_sysctl) {
      warnings.push_back(
          "Resizing the hash table moves all entries at once, with every lock of the table held "
          "and softirqs off: packets of that CPU wait, those of the others as soon as they need a "
          "lock. Do it in a quiet hour, or at boot.");
    }
  }
  if (!advice.buckets_by_sysctl) {
    warnings.push_back(
        "This kernel (before 4.9) cannot be told the buckets by sysctl: they are set by hashsize "
        "when the module is loaded, from modprobe.d.");
  }
}

void AboutNotrack(const Machine& machine, const SizingAdvice& advice, Texts& warnings) {
  if (advice.notrack.empty()) return;
  for (auto& warning : NotrackWarnings()) warnings.push_back(std::move(warning));
  if (!machine.flows) return;
  for (const auto& [target, flows, translated] : machine.flows->targets) {
    const auto& asked = advice.notrack;
    if (translated == 0 || std::ranges::find(asked, target) == asked.end()) continue;
    warnings.push_back("NOTRACK: " + std::to_string(translated) + " of the " +
                       std::to_string(flows) + " flows of " + ToString(target) +
                       " are translated now (NAT): these rules would cut them.");
  }
}

}  // namespace

Texts SizingWarnings(const Machine& machine, const SizingRequest& options,
                     const SizingAdvice& advice) {
  Texts warnings;
  if (machine.module == ModuleState::kNotLoaded) {
    warnings.push_back(
        "Connection tracking is not loaded, or hidden from this namespace: what is in force, who "
        "fills the table and which sysctls this kernel has are not known. The advice is for the "
        "machine alone.");
  }
  AboutKubernetes(machine, advice, warnings);
  AboutMemory(advice, warnings);
  AboutPeak(machine, options, advice, warnings);
  AboutBuckets(machine, advice, warnings);
  AboutNotrack(machine, advice, warnings);
  return warnings;
}

Texts SizingNotes(const SizingAdvice& advice) {
  return {"hashsize=" + std::to_string(advice.buckets.advised) +
              " given when the module is loaded also makes the limit 8 times that, " +
              std::to_string(advice.buckets.advised * 8) +
              ", until the sysctl file sets it: use both, or neither.",
          "Limit and buckets are one value for the host; the limit is compared with the count of "
          "each network namespace by itself. Timeouts are those of one network namespace: "
          "containers and pods start with the kernel's defaults.",
          "The size of an entry is without extensions: accounting, NAT, helpers, timestamps and "
          "labels add 128 bytes or more to an entry that has any."};
}

Texts NotrackWarnings() {
  return {
      "NOTRACK: NAT does not work for these packets any more: no masquerading, no published "
      "ports, no Kubernetes service (kube-proxy answers those by DNAT).",
      "NOTRACK: stateful rules do not match these packets any more: no ESTABLISHED, no RELATED, "
      "no helpers. Rules have to accept them in both directions, by address and port or as ct "
      "state untracked, before these are loaded."};
}

}  // namespace conntrack
