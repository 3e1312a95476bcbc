#include <algorithm>
#include <cstdint>
#include <optional>

#include "diagnosis/findings.h"
#include "diagnosis/format.h"

namespace conntrack {
namespace {

std::uint64_t RefusedBy(const EnaReading& ena) {
  std::uint64_t packets = 0;
  for (const auto& interface : ena.interfaces) packets += interface.refused().value_or(0);
  return packets;
}

/// All interfaces report the same allowance, which belongs to the instance.
std::optional<std::uint64_t> AvailableOf(const EnaReading& ena) {
  std::optional<std::uint64_t> least;
  for (const auto& interface : ena.interfaces) {
    if (interface.available) least = std::min(*interface.available, least.value_or(UINT64_MAX));
  }
  return least;
}

}  // namespace

void FindCloudTableFull(const Situation& situation, std::vector<Finding>& findings) {
  if (!situation.ena) return;
  const auto& lately = situation.ena->refused_recently;
  const auto ever = RefusedBy(*situation.ena);
  const auto available = AvailableOf(*situation.ena);
  const bool now = available == 0U || (lately && lately->packets > 0);
  if (!now && ever < threshold::kLossSinceBoot) return;
  const auto use = UseOf(situation);
  const std::string whose = use && *use < threshold::kNearlyFull
                                ? "The kernel's table is not full, but EC2's "
                                : "EC2's own table of connections ";
  const bool dropping = lately && lately->packets > 0;
  Finding finding{
      "cloud_table_full",
      now ? Severity::kCritical : Severity::kNotice,
      whose + (dropping ? "is full: EC2 drops packets of new connections."
               : now    ? "has no room left: the next new connection is dropped."
                        : "was full at some time: EC2 dropped packets."),
      {},
      "fewer or shorter connections, security groups that need no tracking, or a larger "
      "instance: docs/report.md"};
  if (dropping) {
    finding.evidence.push_back(Count(lately->packets, "packet") + " dropped in the last " +
                               Fixed(lately->seconds, 1) + " s");
  }
  finding.evidence.push_back(Count(ever, "packet") + " dropped since the driver began to count");
  if (available) {
    finding.evidence.push_back("EC2 has room for " + Count(*available, "more connection"));
  }
  AddUse(situation, finding.evidence);
  findings.push_back(std::move(finding));
}

}  // namespace conntrack
