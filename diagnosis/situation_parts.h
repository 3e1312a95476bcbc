// From what collectors and walks yield to the figures of a situation.
#pragma once

#include <string>
#include <vector>

#include "collectors/flows/flow_counts.h"
#include "collectors/flows/snat_ports.h"
#include "collectors/flows/talkers.h"
#include "collectors/metric.h"
#include "diagnosis/situation.h"
#include "kernel/boot/persistence.h"

namespace conntrack {

/// \brief  Takes over what the families of a scrape tell of table, sizing, memory and timeouts, by
/// the names that are the contract of the metrics. Families that are not there leave their figures
/// absent.
/// Threads and cost: pure.
void AddFamilies(const std::vector<Family>& families, Situation& situation);

/// \brief  The figures of one walk, with the timeout of each state.
/// Protocols that have no timeout of their own get the generic one, as in the kernel.
/// Threads and cost: pure.
[[nodiscard]] FlowFigures FiguresOf(const FlowCounts& counts,
                                    const std::vector<TimeoutFigure>& timeouts);

/// Protocols and states with the most flows first; those with as many stay as they were.
void SortByFlows(FlowFigures& figures);

[[nodiscard]] TalkerFigures FiguresOf(const TalkersSummary& talkers);

/// "tcp/443"; "icmp", which has no ports.
[[nodiscard]] std::string ServiceName(const Service& service);

/// `ports` is how many source ports NAT has to choose from.
[[nodiscard]] std::vector<SnatFigure> FiguresOf(const SnatSummary& snat, std::uint64_t ports);

/// Settings that drift, and only those.
[[nodiscard]] std::vector<DriftFigure> FiguresOf(const kernel::PersistenceReport& report);

/// The timeout of flows in that state; nothing where the kernel has none for it.
[[nodiscard]] std::optional<std::uint64_t> TimeoutFor(const std::vector<TimeoutFigure>& timeouts,
                                                      std::string_view protocol,
                                                      std::string_view state);

}  // namespace conntrack
