// NOTRACK rules for nft and iptables.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// \brief  A table of its own for `nft -f`, which may be loaded any number of times, and deleted.
///
/// Rules stand in both directions: what comes in or is forwarded passes prerouting, what this
/// machine sends passes output, and in each the service may be the one asked or the one that
/// answers. Services that were asked for are active, those that fill the table are comments.
[[nodiscard]] std::string NftNotrackFile(const Machine& machine, const Advice& advice);

/// \brief  The same for `iptables-restore --noflush` and `ip6tables-restore --noflush`, in a chain
/// of its own.
[[nodiscard]] std::string IptablesNotrackFile(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
