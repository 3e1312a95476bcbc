// A table with a flow of every kind.
#pragma once

#include <cstdint>
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

/// \brief  Puts UDP flows into the table of this namespace, one after the other: from 10.0.0.0 + i
/// and port 1000 + i, for each i of first + 1 to first + count (i below 60000).
void FillNumbered(int first, int count, std::uint32_t timeout_seconds);

/// Removes what FillNumbered() has made for these.
void RemoveNumbered(int first, int count);

/// Removes every flow of this namespace.
void RemoveAll();

}  // namespace conntrack::test
