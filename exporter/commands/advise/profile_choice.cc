#include "exporter/commands/advise/profile_choice.h"

namespace conntrack::exporter::advise {
namespace {

// Fewer flows say nothing of what a machine is for.
constexpr std::uint64_t kTellingFlows = 1000;

bool MostlySourceTranslated(const Machine& machine) {
  return machine.flows && machine.flows->flows >= kTellingFlows &&
         machine.flows->source_translated * 2 > machine.flows->flows;
}

}  // namespace

ProfileChoice ChooseProfile(const Machine& machine) {
  if (!machine.kubernetes_sign.empty()) {
    return {SizingProfile::kKubernetes, machine.kubernetes_sign + " shows a Kubernetes node"};
  }
  if (!machine.mem_total) return {SizingProfile::kLight, "the memory is not known"};
  const auto carries = LimitByMemory(*machine.mem_total);
  const auto carries_range = [carries](SizingProfile profile) {
    return carries >= RangeOf(profile).lowest;
  };
  if (machine.forwarding && MostlySourceTranslated(machine) &&
      carries_range(SizingProfile::kNatGateway)) {
    return {SizingProfile::kNatGateway, "it forwards, and most flows have their source translated"};
  }
  const auto by_memory = "by memory alone, which carries " + std::to_string(carries) + " entries";
  if (carries >= RangeOf(SizingProfile::kHeavy).highest) return {SizingProfile::kHeavy, by_memory};
  if (carries_range(SizingProfile::kMedium)) return {SizingProfile::kMedium, by_memory};
  return {SizingProfile::kLight, by_memory};
}

}  // namespace conntrack::exporter::advise
