#include <algorithm>
#include <utility>

#include "diagnosis/diagnosis.h"
#include "diagnosis/format.h"
#include "diagnosis/sizing_advice.h"
#include "diagnosis/standing.h"

namespace conntrack {
namespace {

using Texts = std::vector<std::string>;

/// Comes first, because kube-proxy overwrites settings at each start.
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
      warnings.push_back("kube-proxy writes two timeouts" + starts +
                         ", unless its flags change them: established 86400 s "
                         "(--conntrack-tcp-timeout-established) and close_wait 3600 s "
                         "(--conntrack-tcp-timeout-close-wait)" +
                         (has_its_values ? ", which are the current values" : "") +
                         ". It overwrites values of sysctl.d.");
    }
  } else if (kubernetes && kubernetes->cilium) {
    warnings.push_back(
        "Cilium without kube-proxy tracks connections of pods in its own BPF maps. Size those by "
        "bpf-ct-global-tcp-max and bpf-ct-global-any-max in its ConfigMap.");
  }
  if (kubernetes && !WhyNoBootFiles(machine.place)) {
    warnings.push_back("Files are lost when the node is replaced. Permanent: " +
                       HowNodesAreConfigured(machine.place) + ".");
  }
}

void AboutMemory(const SizingAdvice& advice, Texts& warnings) {
  if (!advice.bases.memory || advice.limit.advised <= *advice.bases.memory) return;
  const auto cost =
      advice.memory && advice.memory->share
          ? " A full table takes " + RoundedPercent(*advice.memory->share) + " of the memory."
          : std::string();
  warnings.push_back("The memory of this host is small for a limit of " +
                     std::to_string(advice.limit.advised) + ": RAM / 16384 / 2 gives " +
                     std::to_string(*advice.bases.memory) + "." + cost +
                     " Add memory, shorten timeouts, or track fewer flows (NOTRACK).");
}

void AboutPeak(const Machine& machine, const SizingRequest& options, const SizingAdvice& advice,
               Texts& warnings) {
  if (options.peak && *options.peak < advice.peak) {
    warnings.push_back("--peak " + std::to_string(*options.peak) +
                       " is below the current count of " + std::to_string(advice.peak) +
                       ", which is used instead.");
  }
  const auto unseen = machine.flows ? machine.flows->unseen : 0;
  const auto share = threshold::kUnseenShare * static_cast<double>(advice.peak);
  if (!options.peak && unseen >= threshold::kFewFlows && static_cast<double>(unseen) >= share) {
    warnings.push_back("A walk finds no flow for " + std::to_string(unseen) + " of the " +
                       std::to_string(advice.peak) +
                       " counted entries: they have leaked, or something holds their packets. "
                       "They would fill a larger table too. Find the cause first: "
                       "conntrack_exporter report (entries_unseen).");
  }
  const auto limit = machine.Sysctl("nf_conntrack_max");
  if (limit == 0U) {
    warnings.push_back(
        "nf_conntrack_max is 0: before Linux 6.19 that means no limit, and a flood can use up the "
        "memory of the host.");
  }
}

void AboutBuckets(const Machine& machine, const SizingAdvice& advice, Texts& warnings) {
  const auto& [now, advised, reason] = advice.buckets;
  const bool raises_limit = advice.limit.now && advice.limit.advised > *advice.limit.now;
  if (now && advised > *now) {
    if (raises_limit) {
      warnings.push_back(
          "Raise the buckets with the limit: " + std::to_string(advice.limit.advised) +
          " entries in " + std::to_string(*now) + " buckets make chains of " +
          Fixed(2.0 * static_cast<double>(advice.limit.advised) / static_cast<double>(*now), 1) +
          " on average (each entry is in two chains). Lookups take longer" +
          (machine.refuses_long_chains.value_or(true)
               ? ", and the kernel refuses connections (conntrack_stat_chain_toolong_total)."
               : "."));
    }
    if (advice.buckets_by_sysctl) {
      warnings.push_back(
          "Resizing the hash table locks it until all entries are moved, and packets wait. Do it "
          "when traffic is low, or at boot.");
    }
  }
  if (!advice.buckets_by_sysctl) {
    warnings.push_back(
        "This kernel (before 4.9) cannot change the buckets by sysctl. If the module is loaded: "
        "echo N > /sys/module/nf_conntrack/parameters/hashsize. At boot: hashsize in modprobe.d.");
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
                       " use NAT now: these rules would break them.");
  }
}

}  // namespace

Texts SizingWarnings(const Machine& machine, const SizingRequest& options,
                     const SizingAdvice& advice) {
  Texts warnings;
  if (machine.module == ModuleState::kNotLoaded) {
    warnings.push_back(
        "nf_conntrack is not loaded or not visible here: current values, flows and available "
        "sysctls are unknown. The advice is based on the hardware only.");
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
              ", given when the module is loaded, also sets the limit to 8 times that, " +
              std::to_string(advice.buckets.advised * 8) +
              ", until the sysctl file sets it: use both, or neither.",
          "Limit and buckets apply to the whole host. The kernel compares the limit with the count "
          "of each network namespace. Timeouts apply to one network namespace: containers and pods "
          "start with the kernel's defaults.",
          "The size of an entry is without extensions: accounting, NAT, helpers, timestamps and "
          "labels add 128 bytes or more to an entry that has any."};
}

Texts NotrackWarnings() {
  return {
      "NOTRACK: NAT no longer works for these packets: no masquerading, no published "
      "ports, no Kubernetes service (kube-proxy answers those by DNAT).",
      "NOTRACK: stateful rules no longer match these packets: no ESTABLISHED, no RELATED, "
      "no helpers. First accept them in both directions, by address and port or by ct state "
      "untracked."};
}

}  // namespace conntrack
