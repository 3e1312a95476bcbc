// A table with a flow of every kind.
#pragma once

#include <string>

namespace conntrack::test {

/// \brief  Moves this process into a network namespace of its own: as root, or through a user
/// namespace of its own. Yields an empty text, or why it cannot be done here.
[[nodiscard]] std::string EnterOwnNamespace();

/// \brief  Puts flows into the table of this namespace over libnetfilter_conntrack: both families;
/// TCP and SCTP in each state; UDP, ICMP, ICMPv6, GRE, an unknown protocol; SNAT, DNAT, zones,
/// marks, labels, accounting and timestamps on; and one flow with a helper and an expectation.
/// Yields how many; throws std::system_error naming the flow that the kernel refused.
int FillVariedTable();

}  // namespace conntrack::test
