#include "exporter/commands/advise/sysctl_file.h"

#include "exporter/commands/advise/wrapped.h"

namespace conntrack::exporter::advise {
namespace {

std::string Assignment(std::string_view sysctl, std::uint64_t value) {
  return "net.netfilter." + std::string(sysctl) + " = " + std::to_string(value) + "\n";
}

std::string Now(const std::optional<std::uint64_t>& now) {
  return now ? "Now " + std::to_string(*now) + ". " : "";
}

std::string Buckets(const Advice& advice) {
  const auto& buckets = advice.buckets;
  const auto assignment = Assignment("nf_conntrack_buckets", buckets.advised);
  if (!advice.buckets_by_sysctl) {
    return Comment(
               "Before Linux 4.9 the buckets are set when the module is loaded, by hashsize in "
               "modprobe.d; this would fail:") +
           "# " + assignment;
  }
  return Comment("First, so that a larger limit never stands beside too few buckets. " +
                 Now(buckets.now) + "Advised: " + buckets.reason + ".") +
         assignment;
}

std::string Timeout(const TimeoutAdvice& timeout) {
  const auto assignment = Assignment(timeout.rule.sysctl, timeout.advised);
  if (!timeout.exists) return Comment("This kernel does not have it:") + "# " + assignment;
  const auto kept = timeout.now && *timeout.now < timeout.rule.seconds
                        ? "Shorter than the starting point of " +
                              std::to_string(timeout.rule.seconds) + " already, and kept. "
                        : std::string();
  return Comment(Now(timeout.now) + kept + "Lower: " + std::string(timeout.rule.risk) + ".") +
         assignment;
}

}  // namespace

std::string SysctlFile(const Machine& machine, const Advice& advice) {
  auto text = Comment(
      "Connection tracking: buckets, limit, timeouts. From conntrack_exporter "
      "advise; review it, then install it as /etc/sysctl.d/90-conntrack.conf.");
  text += Comment(
      "These keys exist once nf_conntrack is loaded: see the files for modules-load.d "
      "and udev.");
  if (machine.module == ModuleState::kNotLoaded) {
    text += Comment("It is not loaded here, so whether this kernel has each of them is not known.");
  }
  text += "\n" + Buckets(advice) + "\n" +
          Comment(Now(advice.limit.now) + "Advised: " + advice.limit.reason + ".") +
          Assignment("nf_conntrack_max", advice.limit.advised) + "\n" +
          Comment(
              "Timeouts in seconds, the starting point of a busy server, for this network "
              "namespace only: pods and containers keep the kernel's defaults.");
  for (const auto& timeout : advice.timeouts) text += "\n" + Timeout(timeout);
  return text;
}

}  // namespace conntrack::exporter::advise
